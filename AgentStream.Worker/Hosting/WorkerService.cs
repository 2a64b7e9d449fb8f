using System.Collections.Concurrent;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Telemetry;
using AgentStream.Worker.Tools.Notes;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Hosting;

/// <summary>Claims runs, as many as it can execute, keeps their leases, and passes on who wants them stopped.</summary>
internal sealed partial class WorkerService(
    IRunQueue queue,
    RunExecutor executor,
    NoteErasure notes,
    IOptions<WorkerOptions> options,
    IOptions<MessagingOptions> messaging,
    TimeProvider time,
    ILogger<WorkerService> logger)
    : BackgroundService
{
    private static readonly TimeSpan PauseWithoutStore = TimeSpan.FromSeconds(1);

    private readonly string _name = $"{Environment.MachineName}:{Environment.ProcessId}";
    // By lease, not by run: after a pause this very worker may be the next to claim a run whose lost execution has not noticed yet.
    private readonly ConcurrentDictionary<RunLease, RunUnderWay> _runs = [];
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentRuns);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _claiming = new();
    private readonly Lock _starting = new();
    private bool _isStopping;

    /// <summary>Claims nothing more, lets each run come to its next checkpoint, and gives back what is left.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        List<RunUnderWay> runs;
        lock (_starting)
        {
            _isStopping = true;
            runs = [.. _runs.Values];
        }

        await _claiming.CancelAsync();
        foreach (var run in runs)
        {
            run.Control.RequestHandBack();
        }

        var all = Task.WhenAll(runs.Select(run => run.Execution));
        try
        {
            await all.WaitAsync(options.Value.ShutdownGrace, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            await Task.WhenAll(runs.Select(run => run.AbandonAsync()));
            await all;
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _slots.Dispose();
        _wake.Dispose();
        _claiming.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var one = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        using var claiming = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _claiming.Token);
        Task[] loops = [ClaimAsync(claiming.Token), ListenAsync(one.Token), RenewAsync(one.Token)];
        try
        {
            // The first that ends without being told to takes the application down with it:
            // a worker with half its loops is worse than none.
            var ended = await Task.WhenAny(loops);
            if (ended == loops[0] && _claiming.IsCancellationRequested)
            {
                ended = await Task.WhenAny(loops[1], loops[2]);
            }

            await ended;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            await one.CancelAsync();
            await claiming.CancelAsync();
            foreach (var loop in loops)
            {
                await EndedAsync(loop);
            }
        }
    }

    /// <summary>Only one exception can be thrown on; none is lost.</summary>
    private async Task EndedAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException)
        {
            // Told to stop, now that one of them has ended.
        }
        catch (Exception exception)
        {
            LogLoopDied(exception);
        }
    }

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _slots.WaitAsync(cancellationToken);
            RunClaim? claim = null;
            try
            {
                claim = await queue.ClaimAsync(_name, cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception);
                await Task.Delay(PauseWithoutStore, time, cancellationToken);
            }
            finally
            {
                if (claim is null)
                {
                    _slots.Release();
                }
            }

            if (claim is null)
            {
                await WaitForWorkAsync(cancellationToken);
                continue;
            }

            if (!TryStart(claim))
            {
                _slots.Release();
                await GiveBackAsync(claim.Lease);
            }
        }
    }

    private async Task WaitForWorkAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(options.Value.PollInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time to look without being told.
        }
    }

    /// <summary>False: the worker stops, and has counted already what it has to wait for.</summary>
    private bool TryStart(RunClaim claim)
    {
        var control = new RunControl();
        var key = claim.Lease;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_starting)
        {
            if (_isStopping)
            {
                control.Dispose();
                return false;
            }

            _runs[key] = new RunUnderWay(claim.Lease, control, ExecuteAsync(started.Task));
        }

        started.SetResult();
        return true;

        async Task ExecuteAsync(Task registered)
        {
            await registered;
            WorkerTelemetry.RunsInProgress.Add(1);
            try
            {
                await executor.ExecuteAsync(claim, control);
            }
            catch (Exception exception)
            {
                // Its lease runs out, and the run is begun again: nothing is lost but time.
                using var scope = logger.BeginScope(
                    new Dictionary<string, object> { ["session_id"] = key.SessionId, ["run_id"] = key.RunId });
                LogRunCrashed(exception, key.RunId);
            }
            finally
            {
                WorkerTelemetry.RunsInProgress.Add(-1);
                _runs.TryRemove(key, out _);
                control.Dispose();
                _slots.Release();
            }
        }
    }

    /// <summary>A claim that was under way when the worker was told to stop.</summary>
    private async Task GiveBackAsync(RunLease lease)
    {
        try
        {
            await queue.ReleaseAsync(lease, CancellationToken.None);
        }
        catch (StoreUnavailableException exception)
        {
            // The lease runs out by itself; another worker takes the run then.
            LogStoreUnavailable(exception);
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var signal in queue.ListenAsync(cancellationToken))
                {
                    await ObeyAsync(signal, cancellationToken);
                }
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception);
            }

            await Task.Delay(PauseWithoutStore, time, cancellationToken);
        }
    }

    private async Task ObeyAsync(QueueSignal signal, CancellationToken cancellationToken)
    {
        switch (signal)
        {
            case WorkAvailable:
                Wake();
                break;
            case CancelSignal cancel:
                await Task.WhenAll(_runs.Values
                    .Where(run => run.Lease.RunId == cancel.RunId && run.Lease.SessionId == cancel.SessionId)
                    .Select(run => run.CancelAsync()));
                break;
            case ErasedSignal erased:
                // Its tools first: what they still noted would stay.
                await Task.WhenAll(_runs.Values
                    .Where(run => run.Lease.SessionId == erased.SessionId && run.Lease.Epoch == erased.Epoch && !run.Control.IsGoing)
                    .Select(run => run.LoseLeaseAsync()));
                await notes.EraseAsync(erased.SessionId, cancellationToken);
                break;
            default:
                break;
        }
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else was faster: awake is awake.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(messaging.Value.LeaseDuration / 3, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await Task.WhenAll(_runs.Values.Select(run => RenewAsync(run, cancellationToken)));
        }
    }

    private async Task RenewAsync(RunUnderWay run, CancellationToken cancellationToken)
    {
        try
        {
            var result = await queue.RenewAsync(run.Lease, cancellationToken);
            if (!result.Held)
            {
                if (!run.Control.IsGoing)
                {
                    await run.LoseLeaseAsync();
                }
            }
            else if (result.CancelRequested)
            {
                await run.CancelAsync();
            }
        }
        catch (StoreUnavailableException exception)
        {
            // The store refuses what a later owner's token forbids, so going on is safe.
            LogStoreUnavailable(exception);
        }
    }

    private sealed record RunUnderWay(RunLease Lease, RunControl Control, Task Execution)
    {
        public Task CancelAsync() => Unless(Control.CancelAsync);

        public Task LoseLeaseAsync() => Unless(Control.LoseLeaseAsync);

        public Task AbandonAsync() => Unless(Control.AbandonAsync);

        /// <summary>A run that has just ended needs telling nothing any more.</summary>
        private static async Task Unless(Func<Task> tell)
        {
            try
            {
                await tell();
            }
            catch (ObjectDisposedException)
            {
                // It ended between the look and the word.
            }
        }
    }

    [LoggerMessage(LogLevel.Critical, "A loop of the worker died; the worker stops")]
    private partial void LogLoopDied(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The session store is not available")]
    private partial void LogStoreUnavailable(Exception exception);

    [LoggerMessage(LogLevel.Error, "The execution of run {RunId} crashed; it is begun again when its lease has run out")]
    private partial void LogRunCrashed(Exception exception, RunId runId);
}
