using System.Threading.Channels;
using AgentStream.Tests.Wire;

namespace AgentStream.Tests.Worker.Models;

/// <summary>A clock that the test moves; each timer that is set is reported.</summary>
internal sealed class ReportingTime : TimeProvider
{
    private readonly Channel<ReportedTimer> _set = Channel.CreateUnbounded<ReportedTimer>();

    /// <summary>Waits for the next timer to be set.</summary>
    public async Task<ReportedTimer> NextTimerAsync() => await _set.Reader.ReadAsync().AsTask().WaitAsync(WireTimeout.Default);

    public override DateTimeOffset GetUtcNow() => new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The time that has gone by for those who measure it. Default: none.</summary>
    public TimeSpan Elapsed { get; set; }

    public override long GetTimestamp() => Elapsed.Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ReportedTimer(() => callback(state), dueTime);
        _set.Writer.TryWrite(timer);
        return timer;
    }
}
