using AgentStream.Worker.Running.Execution;

namespace AgentStream.Tests.Worker.Running.Execution;

public sealed class FlushClockTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FlushClock _clock;

    public FlushClockTests() => _clock = new FlushClock(_time);

    [Fact]
    public void Next_AfterNothing_IsNow() => Assert.True(_clock.NextAsync().IsCompletedSuccessfully);

    [Fact]
    public void Next_WithinATickOfTheLast_IsTheSameForAll_AndAtItsEnd()
    {
        _ = _clock.NextAsync();
        _time.Advance(FlushClock.Tick / 2);
        Task[] waiting = [_clock.NextAsync(), _clock.NextAsync(), _clock.NextAsync()];
        Assert.DoesNotContain(waiting, next => next.IsCompleted);

        _time.Advance(FlushClock.Tick / 2);
        Assert.All(waiting, next => Assert.True(next.IsCompletedSuccessfully));
        Assert.False(_clock.NextAsync().IsCompleted, "what comes right after a tick belongs to the next one");
        _time.Advance(FlushClock.Tick);
        _time.Advance(FlushClock.Tick);
        Assert.True(_clock.NextAsync().IsCompletedSuccessfully);
    }
}
