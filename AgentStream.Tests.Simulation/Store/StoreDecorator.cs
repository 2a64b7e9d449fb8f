using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Simulation.Store;

/// <summary>The store as the other processes reach it. Whoever puts a bug in derives from it.</summary>
/// <param name="store">The store of the moment.</param>
internal class StoreDecorator(Func<Messaging.Embedded.EmbeddedSessionStore> store) : ISessionLog, IRunQueue
{
    protected StoreDecorator(StoreDecorator inner)
        : this(inner.Of)
    {
    }

    protected Func<Messaging.Embedded.EmbeddedSessionStore> Of { get; } = store;

    private Messaging.Embedded.EmbeddedSessionStore Store => Of() ?? throw new StoreUnavailableException();

    public virtual ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => Store.GetHeadAsync(sessionId, cancellationToken);

    public virtual ValueTask<LogBatch> ReadAsync(
        SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
        => Store.ReadAsync(sessionId, cursor, maxEntries, cancellationToken);

    public virtual IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, CancellationToken cancellationToken = default)
        => Store.FollowAsync(sessionId, cursor, cancellationToken);

    public virtual ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => Store.SnapshotAsync(sessionId, cancellationToken);

    public virtual ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
        => Store.ReadTranscriptAsync(sessionId, before, limit, cancellationToken);

    public virtual ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
        => Store.AppendAsync(append, cancellationToken);

    public virtual ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => Store.RenameAsync(sessionId, title, owner, cancellationToken);

    public virtual ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => Store.EraseAsync(sessionId, owner, cancellationToken);

    public virtual ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
        => Store.ListAsync(query, cancellationToken);

    public virtual ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
        => Store.EnqueueAsync(request, cancellationToken);

    public virtual ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
        => Store.FindAsync(request, cancellationToken);

    public virtual ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
        => Store.ClaimAsync(worker, cancellationToken);

    public virtual ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
        => Store.RenewAsync(lease, cancellationToken);

    public virtual ValueTask<AppendResult> FinishAsync(
        RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
        => Store.FinishAsync(append, finished, cancellationToken);

    public virtual ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
        => Store.ParkAsync(park, cancellationToken);

    public virtual ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
        => Store.AnswerAsync(answer, cancellationToken);

    public virtual ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
        => Store.ReadSteeringAsync(lease, cancellationToken);

    public virtual ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
        => Store.ReleaseAsync(lease, cancellationToken);

    public virtual ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => Store.CancelAsync(sessionId, runId, by, owner, cancellationToken);

    public virtual ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
        => Store.ListLiveAsync(query, cancellationToken);

    public virtual ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
        => Store.SpentTodayAsync(owner, cancellationToken);

    public virtual IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default)
        => Store.ListenAsync(cancellationToken);
}
