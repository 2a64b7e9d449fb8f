using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Worker.Hosting;

/// <summary>A store whose worker can be held up, cut off or watched on its way there.</summary>
internal sealed class WatchedStore(ISessionLog log, IRunQueue queue) : ISessionLog, IRunQueue
{
    /// <summary>Before each write of a run.</summary>
    public Action<RunAppend> Writing { get; set; } = _ => { };

    /// <summary>With each claim that succeeded, before the worker hears of it.</summary>
    public Func<RunClaim, Task> Claimed { get; set; } = _ => Task.CompletedTask;

    /// <summary>Before each claim.</summary>
    public Action Claiming { get; set; } = () => { };

    /// <summary>
    /// With each end of a run that the store has written, before the worker hears of it. Gets what the worker cancels its wait with.
    /// </summary>
    public Func<CancellationToken, Task> Finished { get; set; } = _ => Task.CompletedTask;

    /// <summary>Hears of the answer to each renewal.</summary>
    public Action<RenewResult> Renewed { get; set; } = _ => { };

    /// <summary>Renewals do not get through.</summary>
    public bool RenewalsFail { get; set; }

    public ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        Writing(append);
        return log.AppendAsync(append, cancellationToken);
    }

    public async ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
    {
        Writing(append);
        var result = await queue.FinishAsync(append, finished, cancellationToken);
        await Finished(cancellationToken);
        return result;
    }

    public ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
    {
        Writing(park.Append);
        return queue.ParkAsync(park, cancellationToken);
    }

    public ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
    {
        Claiming();
        var claim = await queue.ClaimAsync(worker, cancellationToken);
        if (claim is not null)
        {
            await Claimed(claim);
        }

        return claim;
    }

    public async ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        var result = RenewalsFail ? throw new StoreUnavailableException() : await queue.RenewAsync(lease, cancellationToken);
        Renewed(result);
        return result;
    }

    public ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
        => queue.ReadSteeringAsync(lease, cancellationToken);

    public ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
        => queue.ReleaseAsync(lease, cancellationToken);

    public IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default) => queue.ListenAsync(cancellationToken);

    public ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<LogBatch> ReadAsync(SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public IAsyncEnumerable<LogBatch> FollowAsync(SessionId sessionId, Cursor cursor, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();
}
