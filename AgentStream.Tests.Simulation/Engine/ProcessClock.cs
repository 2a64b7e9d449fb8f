namespace AgentStream.Tests.Simulation.Engine;

/// <summary>The clock that a process sees: its wall clock may jump, its timers and timestamps go on evenly.</summary>
internal sealed class ProcessClock(SimProcess process) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => SimWorld.Start + process.World.Elapsed + process.Skew;

    // Not from 0, which some take for "never".
    public override long GetTimestamp() => process.World.Now + TimeSpan.TicksPerHour;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(SimProcess process, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private Occurrence? _next;
        private TimeSpan _period;
        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
            {
                return false;
            }

            _period = period;
            Plan(dueTime);
            return true;
        }

        public void Dispose()
        {
            _isDisposed = true;
            Plan(Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Plan(TimeSpan dueTime)
        {
            if (_next is { } planned)
            {
                planned.IsCancelled = true;
            }

            _next = dueTime < TimeSpan.Zero ? null : process.World.Schedule(process, dueTime, Fire);
        }

        private void Fire()
        {
            _next = null;
            if (_period > TimeSpan.Zero)
            {
                Plan(_period);
            }

            if (_context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, static timer => ((SimTimer)timer!).Call(), this);
            }
        }

        private void Call() => callback(state);
    }
}
