namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// The clock by which all runs of a process write deltas: the first writes at once,
/// and those that come within <see cref="Tick"/> after it write together, so that they share one way to the store and back.
/// </summary>
/// <remarks>Many runs are many writes a second, each too late to be merged with another one of its own run.</remarks>
/// <param name="time">The clock.</param>
internal sealed class FlushClock(TimeProvider time)
{
    /// <summary>Far below what anybody sees, and some ten writes where there are enough of them for it to matter.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    private readonly Lock _gate = new();
    private TaskCompletionSource? _next;
    private ITimer? _timer;
    private long? _last;

    /// <summary>Completes when it is time to write, which is mostly now.</summary>
    public Task NextAsync()
    {
        lock (_gate)
        {
            if (_next is not null)
            {
                return _next.Task;
            }

            var rest = _last is { } last ? Tick - time.GetElapsedTime(last) : TimeSpan.Zero;
            if (rest <= TimeSpan.Zero)
            {
                _last = time.GetTimestamp();
                return Task.CompletedTask;
            }

            // Those who wait go on one after the other in the timer's thread: what they write leaves together.
            _next = new TaskCompletionSource();
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
            _last = time.GetTimestamp();
        }

        next?.SetResult();
    }
}
