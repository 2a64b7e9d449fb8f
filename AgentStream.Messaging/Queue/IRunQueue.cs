using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Queue;

/// <summary>
/// The runs that wait, and who has the one under way.
/// Runs of one session execute one at a time, in the order of their <c>run_queued</c> entries.
/// </summary>
/// <remarks>A run belongs to whoever holds its lease. See <see cref="ISessionLog"/> for what its exceptions mean.</remarks>
internal interface IRunQueue
{
    /// <summary>Appends <c>run_queued</c> and puts the run into its session's queue, in one write.</summary>
    ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Looks a message up by its id and takes nothing: <see cref="EnqueueStatus.Duplicate"/> where it was taken before,
    /// <see cref="EnqueueStatus.Conflict"/> where its id was used for another message,
    /// <c>null</c> where the session does not know its id, or is somebody else's.
    /// </summary>
    ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a run whose lease has run out, or else one that waits, with a new fencing token; <c>null</c> where there is none.
    /// A run for which cancelling was asked is handed out too: who claims it ends it.
    /// </summary>
    /// <param name="worker">Who asks, for people who look.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default);

    /// <summary>Makes the lease last for a full <see cref="RunLease.Duration"/> from now.</summary>
    ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends the last events and <paramref name="finished"/>, and ends the run; the next one of the session may start.
    /// Refused with <see cref="AppendStatus.CancelRequested"/> where cancelling was asked for
    /// and <paramref name="finished"/> does not say cancelled: cancel is certain.
    /// </summary>
    ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends what a run asks (<see cref="ToolApprovalRequired"/>), and parks it:
    /// nobody has it until every question is answered or expired.
    /// A parked run holds no lease; the claim does not count as an attempt, and the time until the next one is no time of the run's
    /// (<see cref="RunClaim.Parked"/>). It still goes before all later runs of its session.
    /// Refused with <see cref="AppendStatus.CancelRequested"/> where cancelling was asked for.
    /// </summary>
    ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default);

    /// <summary>
    /// Answers a tool call that waits: the first answer is written (<c>tool_approval_resolved</c>) and counts,
    /// in the store and whoever else asks. With the last answer the run can be claimed again.
    /// One that comes after the call expired is too late, even if the store has not said so yet: it says so now.
    /// </summary>
    ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default);

    /// <summary>
    /// The messages that wait for the run of a lease to take them up, in the order in which they came; empty where the lease is lost.
    /// Reading takes none: a write with <see cref="MessageSteered"/> does.
    /// </summary>
    ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands a run back at its last checkpoint (a worker that shuts down); it waits in front again, and the attempt does not count.
    /// False: the lease was lost already.
    /// </summary>
    ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default);

    /// <summary>
    /// Cancels a run: one that waits, be it its turn or a person's answer, is over at once (its <c>run_finished</c> is written here,
    /// and open approvals are resolved); for one under way <c>cancel_requested</c> is written
    /// and its worker told, or the next that claims it.
    /// </summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="runId">Which run; <c>null</c>: the one under way, or, where none is, the first that waits.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="owner">Whose the session has to be, decided in the write itself; <c>null</c>: whosever it is.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the runs that are not over, of all owners or of one. Costs by the number of them, so it is for people who look, now and then.
    /// A page shows each session as it is when it is read.
    /// </summary>
    ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default);

    /// <summary>What the runs of an owner that ended today (UTC) have used.</summary>
    ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default);

    /// <summary>
    /// Says that there may be work, which runs shall stop, and which sessions were erased.
    /// A hint: it may repeat or lose, so a timer goes beside it.
    /// </summary>
    IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default);
}
