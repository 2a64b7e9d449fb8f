using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// Writes what a run says under its lease, in order.
/// A delta goes out at once when none went shortly before it; those that come faster than people see are gathered for a moment.
/// A commit waits for nothing but the deltas before it.
/// </summary>
/// <remarks>
/// One caller at a time.
/// While the store is away it keeps trying and holds what it has, up to <see cref="MaxPendingCharacters"/>:
/// then the caller waits, and with it the model's stream.
/// </remarks>
/// <param name="log">Where deltas and steps go.</param>
/// <param name="queue">Where the end goes.</param>
/// <param name="lease">The right to write.</param>
/// <param name="unsettled">What the claim found without an end.</param>
/// <param name="control">Hears of cancelling and of a lost lease.</param>
/// <param name="window">
/// How far apart writes of deltas are at least: five thirds of it above 90 deltas a second, six fifths above 1,000;
/// zero: as close as the store takes them.
/// </param>
/// <param name="clock">By which all runs of this process write.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of a store that is away.</param>
internal sealed partial class RunWriter(
    ISessionLog log,
    IRunQueue queue,
    RunLease lease,
    IReadOnlyList<OpenStep> unsettled,
    RunControl control,
    TimeSpan window,
    FlushClock clock,
    TimeProvider time,
    ILogger logger)
{
    private const int MaxPendingCharacters = 256 * 1024;

    /// <summary>Deltas a second from which on a write costs more than its lateness: the window grows to five thirds.</summary>
    /// <remarks>
    /// A thousand viewers are a thousand system calls for each write.
    /// With 66 writes a second, as the shorter window makes of 70 to 300 deltas, they kept two processors busy,
    /// and the 99th percentile of lateness was 50 to 110 ms; with 40 it is some 45 (row P1 of the benchmarks).
    /// </remarks>
    private const double FastRate = 90;

    /// <summary>Deltas a second from which on a write costs each of them little: the window shrinks to six fifths.</summary>
    private const double VeryFastRate = 1_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly OpenSteps _open = new(unsettled);
    private List<StepDelta> _pending = [];
    private int _pendingCharacters;
    private bool _flushing;
    private Task _flush = Task.CompletedTask;
    private long _sequence;
    private long? _flushedAt;
    private double _rate;
    private bool _hurry;
    private TaskCompletionSource? _gathering;

    /// <summary>Takes a delta; returns when there is room for the next one.</summary>
    public async ValueTask AddAsync(StepDelta delta)
    {
        bool full, begins;
        lock (_lock)
        {
            _pending.Add(delta);
            _pendingCharacters += delta.Delta.Length;
            full = _pendingCharacters > MaxPendingCharacters;
            begins = !_flushing;
            _flushing = true;
        }

        if (begins)
        {
            // In this thread until it has to wait: the model goes on streaming meanwhile.
            _flush = FlushAsync();
        }

        if (full)
        {
            await FlushNowAsync();
        }
        else if (_flush.IsCompleted)
        {
            await _flush;
        }
    }

    /// <summary>
    /// Waits until nothing is being written any more, also where the run was abandoned in the middle of it. Never throws.
    /// </summary>
    public async Task SettleAsync()
    {
        try
        {
            await FlushNowAsync();
        }
        catch (OperationCanceledException) when (control.Abandoned.IsCancellationRequested)
        {
            // That is what ended it.
        }
        catch (Exception exception)
        {
            LogLost(exception);
        }
    }

    /// <summary>Keeps events and record, after all deltas before them. False: refused, since cancelling was asked for.</summary>
    public async Task<bool> CommitAsync(LoopCommit commit)
    {
        await FlushNowAsync();
        var result = await WriteAsync(Append(commit.Events, commit.Record?.ToBytes(), commit.RefuseIfCancelRequested));
        return result.Status == AppendStatus.Appended;
    }

    /// <summary>Messages wait that the run may take up, as its last write was told.</summary>
    public bool HasSteering { get; private set; }

    /// <summary>Takes a message up. False: refused, since it waits no more or cancelling was asked for.</summary>
    public async Task<bool> TakeAsync(LoopTake take)
    {
        await FlushNowAsync();
        var result = await WriteAsync(Append([take.Event], take.Record.ToBytes(), refuseIfCancelRequested: true));
        return result.Status == AppendStatus.Appended;
    }

    /// <summary>
    /// Keeps the questions and gives the run out of hand until they are answered. False: refused, since cancelling was asked for.
    /// </summary>
    public async Task<bool> ParkAsync(LoopPark park)
    {
        await _flush;
        var run = new RunPark
        {
            Append = Append(park.Events, park.Record?.ToBytes(), refuseIfCancelRequested: true),
            IfCancelled = park.IfCancelled,
        };
        control.IsGoing = true;
        var result = await RetryAsync(token => queue.ParkAsync(run, token));
        await ObeyAsync(result);
        control.IsGoing = result.Status == AppendStatus.Appended;
        return control.IsGoing;
    }

    /// <summary>Ends a run whose loop can't: what stands there without an end gets one first.</summary>
    /// <param name="steps">Makes the steps that close what is open.</param>
    /// <param name="end">The end; its events come last.</param>
    public async Task CloseAsync(StepFactory steps, LoopEnd end)
    {
        await FlushNowAsync();
        await EndAsync(end with { Events = [.. _open.Close(steps), .. end.Events] });
    }

    /// <summary>Ends the run. Where cancelling came first it ends as cancelled, whatever the loop had come to.</summary>
    public async Task EndAsync(LoopEnd end)
    {
        await FlushNowAsync();
        control.IsGoing = true;
        var result = await FinishAsync(end);
        if (result.Status == AppendStatus.CancelRequested)
        {
            result = await FinishAsync(
                end with { Finished = end.Finished with { Status = RunStatus.Cancelled, Error = null, ErrorCode = null } });
        }

        await ObeyAsync(result);
    }

    private Task<AppendResult> FinishAsync(LoopEnd end)
    {
        var append = Append(end.Events, end.Kept?.ToBytes(), refuseIfCancelRequested: false);
        return RetryAsync(token => queue.FinishAsync(append, end.Finished, token));
    }

    private async Task FlushAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_pending.Count == 0)
                {
                    _flushing = false;
                    return;
                }
            }

            await GatherAsync();
            List<StepDelta> deltas;
            lock (_lock)
            {
                deltas = _pending;
                _pending = [];
                _pendingCharacters = 0;
                Measure(deltas.Count);
            }

            await WriteAsync(Append(DeltaMerging.Merge(deltas), null, refuseIfCancelRequested: false));
        }
    }

    /// <summary>Those who wait for the deltas do not wait for more of them.</summary>
    private async Task FlushNowAsync()
    {
        lock (_lock)
        {
            _hurry = true;
            _gathering?.TrySetResult();
        }

        try
        {
            await _flush;
        }
        finally
        {
            lock (_lock)
            {
                _hurry = false;
            }
        }
    }

    /// <summary>Lets deltas gather until the window after the last write is over, or somebody is in a hurry.</summary>
    private async Task GatherAsync()
    {
        if (window <= TimeSpan.Zero)
        {
            return;
        }

        await GatherForWindowAsync();
        await GatherForTickAsync();
    }

    /// <summary>Lets deltas gather until the clock's next tick, or somebody is in a hurry.</summary>
    private async Task GatherForTickAsync()
    {
        Task next;
        TaskCompletionSource gathering;
        lock (_lock)
        {
            if (_hurry || (next = clock.NextAsync()).IsCompleted)
            {
                return;
            }

            _gathering = gathering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await Task.WhenAny(next, gathering.Task);
    }

    private TimeSpan Window => _rate > VeryFastRate ? window * 6 / 5 : _rate > FastRate ? window * 5 / 3 : window;

    private async Task GatherForWindowAsync()
    {
        TaskCompletionSource gathering;
        TimeSpan rest;
        lock (_lock)
        {
            rest = _flushedAt is { } at ? Window - time.GetElapsedTime(at) : TimeSpan.Zero;
            if (_hurry || rest <= TimeSpan.Zero || control.Abandoned.IsCancellationRequested)
            {
                return;
            }

            _gathering = gathering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await using var abandoned = control.Abandoned.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), gathering);
        await using var timer = time.CreateTimer(
            static state => ((TaskCompletionSource)state!).TrySetResult(), gathering, rest, Timeout.InfiniteTimeSpan);
        await gathering.Task;
    }

    /// <summary>Takes the deltas of one write into the rate: a moving average over the last five writes or so.</summary>
    private void Measure(int deltas)
    {
        var now = time.GetTimestamp();
        if (_flushedAt is { } before && time.GetElapsedTime(before, now) is { Ticks: > 0 } elapsed)
        {
            _rate += ((deltas / elapsed.TotalSeconds) - _rate) / 5;
        }

        _flushedAt = now;
    }

    private RunAppend Append(IReadOnlyList<SessionEvent> events, byte[]? record, bool refuseIfCancelRequested) => new()
    {
        Lease = lease,
        Sequence = _sequence + 1,
        Events = events,
        // A bare null would become an empty record: it converts to memory by way of byte[].
        Checkpoint = record is null ? default(ReadOnlyMemory<byte>?) : record,
        RefuseIfCancelRequested = refuseIfCancelRequested,
    };

    private async Task<AppendResult> WriteAsync(RunAppend append)
    {
        var result = await RetryAsync(token => log.AppendAsync(append, token));
        if (result.Status == AppendStatus.Appended)
        {
            _open.Take(append.Events);
        }

        await ObeyAsync(result);
        return result;
    }

    private async Task ObeyAsync(AppendResult result)
    {
        switch (result.Status)
        {
            case AppendStatus.Appended:
                _sequence++;
                HasSteering = result.HasSteering;
                break;
            case AppendStatus.LeaseLost:
                await control.LoseLeaseAsync();
                throw new OperationCanceledException(control.Abandoned);
            default:
                break;
        }

        if (result.CancelRequested || result.Status == AppendStatus.CancelRequested)
        {
            await control.CancelAsync();
        }
    }

    /// <summary>Asks again with the same sequence until the store is back: it takes each write once.</summary>
    private async Task<AppendResult> RetryAsync(Func<CancellationToken, ValueTask<AppendResult>> write)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            control.Abandoned.ThrowIfCancellationRequested();
            try
            {
                return await write(control.Abandoned);
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception, pause);
                await Task.Delay(pause, time, control.Abandoned);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Text of a run that is over could not be written")]
    private partial void LogLost(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The session store is not available; trying again in {Pause}")]
    private partial void LogStoreUnavailable(Exception exception, TimeSpan pause);
}
