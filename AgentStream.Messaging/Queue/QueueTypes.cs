using System.Diagnostics;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Queue;

/// <summary>The outcome of a message.</summary>
internal enum EnqueueStatus
{
    /// <summary>Its run waits.</summary>
    Accepted,

    /// <summary>The same message was taken before; the answer names its run.</summary>
    Duplicate,

    /// <summary>Its id was used for another message.</summary>
    Conflict,

    /// <summary>The session is busy and the message asked not to wait. Its id may be used again.</summary>
    Busy,

    /// <summary>Too many runs wait in this session. Its id may be used again.</summary>
    QueueFull,

    /// <summary>It stands in for a run that the session does not know. Its id may be used again.</summary>
    UnknownReplaced,

    /// <summary>The session is somebody else's.</summary>
    NotOwner,

    /// <summary>The owner has runs under way in as many sessions as one may. Its id may be used again, as with all that follow.</summary>
    TooManyRuns,

    /// <summary>Too many runs of the owner wait, in all sessions together.</summary>
    TooManyQueued,

    /// <summary>It would begin a session, and the owner has as many as one may have.</summary>
    TooManySessions,

    /// <summary>The owner's sessions are as large as they may be.</summary>
    TooManyBytes,

    /// <summary>The owner's runs have used the tokens or the money of the day.</summary>
    DaySpent,
}

/// <summary>The answer to <see cref="IRunQueue.EnqueueAsync"/>.</summary>
/// <param name="Status">What became of the message.</param>
/// <param name="RunId">Its run, where there is one.</param>
/// <param name="Seq">The offset of its <c>run_queued</c>, where there is one.</param>
internal readonly record struct EnqueueResult(EnqueueStatus Status, RunId RunId, Offset Seq);

/// <summary>The right to write for a run: exactly this epoch, run and token, until it runs out or someone else claims.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">The life of the log in which it was claimed.</param>
/// <param name="Token">Grows with each claim.</param>
/// <param name="Duration">How long it lasts without being renewed.</param>
internal sealed record RunLease(SessionId SessionId, RunId RunId, Epoch Epoch, FencingToken Token, TimeSpan Duration);

/// <summary>A run and all that its worker needs to begin it, or to go on with it.</summary>
internal sealed record RunClaim
{
    public required RunLease Lease { get; init; }

    public required RunRequest Request { get; init; }

    /// <summary>
    /// Counts the claims of this run from 1; those that ended with a release, or with a question to people, do not count.
    /// </summary>
    public required int Attempt { get; init; }

    /// <summary>
    /// Counts every claim of this run from 1, released ones too: makes step ids of one claim differ from those of all others.
    /// </summary>
    public required int ClaimNumber { get; init; }

    /// <summary>The time at which the run was first claimed.</summary>
    public required DateTimeOffset FirstStartedAt { get; init; }

    /// <summary>The time for which the run was parked in all, until this claim: it counts for no limit.</summary>
    public TimeSpan Parked { get; init; }

    /// <summary>
    /// The decisions about the calls that this run has asked about, in the order in which it asked.
    /// Nothing is open: a run that still waits is not handed out.
    /// </summary>
    public IReadOnlyList<ToolApprovalResolved> Approvals { get; init; } = [];

    /// <summary>The records of earlier attempts, in order.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Checkpoints { get; init; }

    /// <summary>
    /// The conversation before this run, in the order in which the runs ended.
    /// Replaced turns are gone, and runs that were cancelled before they started never were part of it.
    /// </summary>
    public required IReadOnlyList<ConversationTurn> Conversation { get; init; }

    /// <summary>
    /// Steps that stand in the log, finished or not, and that no checkpoint covers: the lost attempt's.
    /// The first append supersedes them, or, if the run is to end now, says that they were cut off.
    /// </summary>
    public required IReadOnlyList<OpenStep> Unsettled { get; init; }

    /// <summary>Cancelling was asked for: end it.</summary>
    public required bool CancelRequested { get; init; }

    /// <summary>The span of this claim, where anybody traces: whoever executes the run ends it.</summary>
    public Activity? Processing { get; init; }
}

/// <summary>An earlier message of the session and what its run recorded.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Message">What the person wrote.</param>
/// <param name="Checkpoints">What the run recorded, in order, hidden reasoning included.</param>
public sealed record ConversationTurn(RunId RunId, string Message, IReadOnlyList<ReadOnlyMemory<byte>> Checkpoints)
{
    /// <summary>
    /// The offset of its <c>run_queued</c>: which of two turns was asked for first.
    /// Turns stand in the order in which they ended, which is another one where a message interrupted.
    /// Every claim has it; it is kept with the run, not with the turn.
    /// </summary>
    [JsonIgnore]
    public Offset Seq { get; init; }

    /// <summary>The files that came with the message; <c>null</c>: none.</summary>
    public IReadOnlyList<Attachment>? Attachments { get; init; }
}

/// <summary>The answer to a renewal.</summary>
/// <param name="Held">False: the lease was lost. Stop at once.</param>
/// <param name="CancelRequested">Whether the run shall stop.</param>
internal readonly record struct RenewResult(bool Held, bool CancelRequested);

/// <summary>The outcome of a cancel.</summary>
internal enum CancelStatus
{
    /// <summary>A run that waited, for its turn or for a person, is over.</summary>
    Cancelled,

    /// <summary>A run under way was told, or had been already; it will end as cancelled.</summary>
    Requested,

    /// <summary>The run was over already.</summary>
    AlreadyFinished,

    /// <summary>There is no such run, or none to cancel.</summary>
    NotFound,
}

/// <summary>The answer to a cancel.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="RunId">The run that was meant, where there is one.</param>
internal readonly record struct CancelResult(CancelStatus Status, RunId? RunId);

/// <summary>A hint to workers. Closed: one of those below.</summary>
internal abstract record QueueSignal
{
    private protected QueueSignal()
    {
    }
}

/// <summary>A hint that there may be a run to claim.</summary>
internal sealed record WorkAvailable : QueueSignal;

/// <summary>A run shall stop.</summary>
/// <param name="SessionId">Its session.</param>
/// <param name="RunId">The run.</param>
internal sealed record CancelSignal(SessionId SessionId, RunId RunId) : QueueSignal;

/// <summary>A session was erased: its runs have lost their leases, and what is kept of it elsewhere shall go.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Epoch">Its epoch, as leases of its runs have it: another session may have begun under its id by now.</param>
internal sealed record ErasedSignal(SessionId SessionId, Epoch Epoch) : QueueSignal;
