namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// The clock by which all runs of a process write deltas: the first writes at once,
/// and those that come before the next tick write together then, so that they share one way to the store and back.
/// </summary>
/// <remarks>
/// Many runs are many writes a second, each too late to be merged with another one of its own run.
/// So the next tick is the further away the more wrote at this one: a process makes some 1,000 writes a second at most,
/// and gathers more for each where more would be written.
/// 200 runs of 50 tokens a second (row P7 of the benchmarks) are 10,000 writes a second without that, which two processors can't make.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class FlushClock(TimeProvider time)
{
    /// <summary>Far below what anybody sees, and some ten writes where there are enough of them for it to matter.</summary>
    public static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(2);

    /// <summary>What people begin to see.</summary>
    public static readonly TimeSpan LongestTick = TimeSpan.FromMilliseconds(100);

    /// <summary>How far each write puts off the next tick.</summary>
    public static readonly TimeSpan PerWrite = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private ITimer? _timer;
    private long? _last;
    private int _waiting;
    private TimeSpan _tick = ShortestTick;

    /// <summary>Completes when it is time to write, which is mostly now.</summary>
    public Task NextAsync()
    {
        lock (_gate)
        {
            if (_next is not null)
            {
                _waiting++;
                return _next.Task;
            }

            var rest = _last is { } last ? _tick - time.GetElapsedTime(last) : TimeSpan.Zero;
            if (rest <= TimeSpan.Zero)
            {
                Begin(1);
                return Task.CompletedTask;
            }

            // Those who wait go on one after the other in the timer's thread: what they write leaves together.
            _next = new TaskCompletionSource();
            _waiting = 1;
            _timer ??= time.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(rest, Timeout.InfiniteTimeSpan);
            return _next.Task;
        }
    }

    private void OnTick()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            (next, _next) = (_next, null);
            Begin(_waiting);
        }

        next?.SetResult();
    }

    private void Begin(int writes)
    {
        _last = time.GetTimestamp();
        var tick = writes * PerWrite;
        _tick = tick < ShortestTick ? ShortestTick : tick > LongestTick ? LongestTick : tick;
    }
}
