using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Api.Support;

/// <summary>A queue that is cut off with the log, for those who ask on behalf of clients; the test's own worker works on.</summary>
internal sealed class QueueSwitch(StoreSwitch store, IRunQueue inner) : IRunQueue
{
    public ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
        => Reachable().EnqueueAsync(request, cancellationToken);

    public ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
        => Reachable().FindAsync(request, cancellationToken);

    public ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
        => inner.ClaimAsync(worker, cancellationToken);

    public ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
        => inner.RenewAsync(lease, cancellationToken);

    public ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
        => inner.FinishAsync(append, finished, cancellationToken);

    public ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
        => inner.ParkAsync(park, cancellationToken);

    public ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
        => Reachable().AnswerAsync(answer, cancellationToken);

    public ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
        => inner.ReadSteeringAsync(lease, cancellationToken);

    public ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
        => inner.ReleaseAsync(lease, cancellationToken);

    public async ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        await store.HappenAsync();
        return await Reachable().CancelAsync(sessionId, runId, by, owner, cancellationToken);
    }

    public ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
        => Reachable().ListLiveAsync(query, cancellationToken);

    public ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
        => Reachable().SpentTodayAsync(owner, cancellationToken);

    public IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default) => inner.ListenAsync(cancellationToken);

    private IRunQueue Reachable() => store.IsAway ? throw new StoreUnavailableException() : inner;
}
