using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Log;

/// <summary>The head of a session's log.</summary>
internal sealed record SessionHead
{
    public required SessionId SessionId { get; init; }

    public required Epoch Epoch { get; init; }

    /// <summary>The newest offset; <see cref="Offset.Start"/> in a session that nobody wrote to.</summary>
    public required Offset LastSeq { get; init; }

    /// <summary>The offset through which the log was folded into the transcript.</summary>
    public required Offset TrimmedThrough { get; init; }

    /// <summary><c>null</c> in a session that nobody wrote to: who writes first owns it.</summary>
    public PrincipalId? Owner { get; init; }

    public string? Title { get; init; }

    /// <summary>The epochs that this one goes on from, the oldest first.</summary>
    internal IReadOnlyList<FormerEpoch> Former { get; init; } = [];

    /// <summary>Whether anything was ever written.</summary>
    public bool Exists => LastSeq > Offset.Start;
}

/// <summary>A reader's share of the log: entries, or the reason why it has to take a snapshot instead.</summary>
/// <param name="Epoch">The epoch of the entries.</param>
/// <param name="Head">The newest offset at the time of reading.</param>
/// <param name="Entries">Contiguous, in order, possibly none.</param>
/// <param name="Resync">Set: the cursor can't be served, there are no entries and nothing follows.</param>
internal sealed record LogBatch(Epoch Epoch, Offset Head, IReadOnlyList<LogEntry> Entries, ResyncReason? Resync = null);

/// <summary>A snapshot and its bytes: <see cref="Frame"/> is the complete <c>snapshot</c> frame, made once for all who join.</summary>
internal sealed record SessionSnapshot(SnapshotData Data, ReadOnlyMemory<byte> Frame)
{
    internal static SessionSnapshot Of(SnapshotData data)
        => new(data, EnvelopeCodec.Notice(NoticeTypes.Snapshot, data, MessagingJson.Wire.SnapshotData));
}

/// <summary>
/// A page of a transcript, oldest message first; which page it is makes no difference to usage and active run: these are the session's.
/// </summary>
internal sealed record TranscriptPage(
    SessionHead Head, IReadOnlyList<TranscriptMessage> Messages, bool HasMore, TokenUsage? Usage = null, ActiveRun? ActiveRun = null);

/// <summary>An atomic write of a run to its session's log.</summary>
internal sealed record RunAppend
{
    /// <summary>The claim under which it writes.</summary>
    public required RunLease Lease { get; init; }

    /// <summary>
    /// Counts the writes of this lease from 1, the finishing one included.
    /// The last number again is answered as the first time and writes nothing: retries are safe.
    /// A write that was refused does not use its number up.
    /// Any other number than these two says that the writer has lost count, and is answered <see cref="AppendStatus.LeaseLost"/>.
    /// </summary>
    public required long Sequence { get; init; }

    /// <summary>
    /// The events that go into the log, in this order; may be empty where there is only a checkpoint to keep.
    /// What the store itself writes (<c>run_queued</c>, <c>cancel_requested</c>, <c>tool_approval_resolved</c>,
    /// <c>run_finished</c>) is an argument error, and so is a question outside <see cref="IRunQueue.ParkAsync"/>.
    /// A <see cref="MessageSteered"/>, one at most, takes that message out of the queue in the same write, and ends its run.
    /// </summary>
    public required IReadOnlyList<SessionEvent> Events { get; init; }

    /// <summary>The record that the next attempt has to know, opaque to the store: it follows the earlier ones of the run.</summary>
    public ReadOnlyMemory<byte>? Checkpoint { get; init; }

    /// <summary>Set before anything with consequences (a tool): the whole write is refused if cancelling was asked for.</summary>
    public bool RefuseIfCancelRequested { get; init; }

    /// <summary>Checks that a run writes only what is its own to write, and asks only where it waits for the answer.</summary>
    internal void Check(bool parks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Sequence, 1);
        if (Events.FirstOrDefault(
            e => e is RunQueued or RunFinished or CancelRequested or ToolApprovalResolved or UnknownEvent
                || (e is ToolApprovalRequired && !parks)) is { } wrong)
        {
            throw new ArgumentException($"A run does not write {wrong.Type} itself here.");
        }

        if (Events.Count(e => e is MessageSteered) > 1)
        {
            throw new ArgumentException("A write takes up one message.");
        }
    }
}

/// <summary>The outcome of a write.</summary>
internal enum AppendStatus
{
    /// <summary>It stands in the log, for good.</summary>
    Appended,

    /// <summary>
    /// Refused: the lease is not the newest, the run is over, or the session is of another epoch. Never write for this run again.
    /// </summary>
    LeaseLost,

    /// <summary>
    /// Refused: cancelling was asked for (see <see cref="RunAppend.RefuseIfCancelRequested"/>). End the run as cancelled.
    /// </summary>
    CancelRequested,

    /// <summary>Refused: the message that it takes up waits no more, or not for this run. Nothing is lost: leave it out.</summary>
    NotWaiting,
}

/// <summary>The answer to a write.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="LastOffset">The offset of its last entry, where it was appended.</param>
/// <param name="CancelRequested">Whether the run shall stop, also where the write itself was taken.</param>
internal readonly record struct AppendResult(AppendStatus Status, Offset LastOffset, bool CancelRequested)
{
    /// <summary>Messages wait that the run may take up at its next step (<see cref="IRunQueue.ReadSteeringAsync"/>).</summary>
    public bool HasSteering { get; init; }
}

/// <summary>A query for the list of sessions.</summary>
internal sealed record SessionQuery
{
    public required PrincipalId Owner { get; init; }

    /// <summary>Only those whose title contains it, in whatever case.</summary>
    public string? Search { get; init; }

    internal const int MaxLimit = 200;

    /// <summary>The most sessions on a page; 1 to 200.</summary>
    public int Limit { get; init; } = 50;

    /// <summary><see cref="SessionPage.Next"/> of the page before; <c>null</c> for the first.</summary>
    public string? PageToken { get; init; }
}

/// <summary>One page of the list.</summary>
/// <param name="Sessions">The latest changed first.</param>
/// <param name="Next">The token of the next page; <c>null</c> on the last.</param>
internal sealed record SessionPage(IReadOnlyList<SessionSummary> Sessions, string? Next);

/// <summary>One session in the list.</summary>
internal sealed record SessionSummary
{
    public required SessionId SessionId { get; init; }

    public required PrincipalId Owner { get; init; }

    /// <summary>Given by a person, or the beginning of the first message.</summary>
    public required string Title { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    public required Offset LastSeq { get; init; }

    /// <summary>The number of its messages.</summary>
    public required int Messages { get; init; }

    /// <summary>Whether a run is under way or queued.</summary>
    public required bool Busy { get; init; }

    /// <summary>What goes on in it.</summary>
    public required SessionActivity State { get; init; }
}
