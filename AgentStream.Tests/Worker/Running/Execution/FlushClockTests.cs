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
        _time.Advance(FlushClock.ShortestTick / 2);
        Task[] waiting = [_clock.NextAsync(), _clock.NextAsync(), _clock.NextAsync()];
        Assert.DoesNotContain(waiting, next => next.IsCompleted);

        _time.Advance(FlushClock.ShortestTick / 2);
        Assert.All(waiting, next => Assert.True(next.IsCompletedSuccessfully));
        Assert.False(_clock.NextAsync().IsCompleted, "what comes right after a tick belongs to the next one");
        _time.Advance(3 * FlushClock.PerWrite);
        _time.Advance(FlushClock.ShortestTick);
        Assert.True(_clock.NextAsync().IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(20, 20)]
    [InlineData(75, 75)]
    [InlineData(1_000, 100)]
    public void Next_AfterATickOfManyWrites_IsTheFurtherAwayTheMoreTheyWere(int writes, int expectedMilliseconds)
    {
        _ = _clock.NextAsync();
        var writing = Enumerable.Range(0, writes).Select(_ => _clock.NextAsync()).ToList();
        _time.Advance(FlushClock.ShortestTick);
        Assert.All(writing, next => Assert.True(next.IsCompletedSuccessfully));

        var next = _clock.NextAsync();
        _time.Advance(TimeSpan.FromMilliseconds(expectedMilliseconds - 0.5));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(0.5));
        Assert.True(next.IsCompletedSuccessfully);
    }
}
