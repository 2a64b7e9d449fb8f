using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Session;

/// <summary>
/// One atomic operation on a session: it is written whole or not at all, and the fold of all of them is the session.
/// </summary>
/// <remarks>Replay from disk and live operation apply the very same records.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(BaseRecord), "base")]
[JsonDerivedType(typeof(EnqueuedRecord), "enqueued")]
[JsonDerivedType(typeof(ClaimedRecord), "claimed")]
[JsonDerivedType(typeof(ReleasedRecord), "released")]
[JsonDerivedType(typeof(AppendedRecord), "appended")]
[JsonDerivedType(typeof(ParkedRecord), "parked")]
[JsonDerivedType(typeof(ResolvedRecord), "resolved")]
[JsonDerivedType(typeof(CancelledRecord), "cancelled")]
[JsonDerivedType(typeof(RenamedRecord), "renamed")]
[JsonDerivedType(typeof(TrimmedRecord), "trimmed")]
[JsonDerivedType(typeof(EpochRecord), "epoch")]
internal abstract record SessionRecord
{
    /// <summary>The time at which the store took it.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset At { get; init; }

    /// <summary>The entries that it adds to the log; on disk the very bytes of their frames.</summary>
    [JsonIgnore]
    public IReadOnlyList<LogEntry> Entries { get; init; } = [];

    /// <summary>The record that the next attempt has to know; on disk the very bytes.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte>? Checkpoint { get; init; }
}

/// <summary>The first record of a session: who it is, and what the records came to that once stood before.</summary>
internal sealed record BaseRecord : SessionRecord
{
    public required SessionBase Session { get; init; }
}

/// <summary>
/// A run joined the queue: <c>run_queued</c>, after a <c>cancel_requested</c> where it interrupts another,
/// or after the end of that one where it was parked.
/// </summary>
internal sealed record EnqueuedRecord : SessionRecord
{
    public required RunRequest Request { get; init; }

    public required string Fingerprint { get; init; }

    /// <summary>It goes before all that wait.</summary>
    public bool InFront { get; init; }

    /// <summary>The first entry of the run that it stands in for: that run and all that were queued after it are replaced.</summary>
    [JsonIgnore]
    public Offset? ReplacesFrom { get; init; }

    public KnownRun ToKnown() => new()
    {
        RunId = Request.RunId,
        MessageId = Request.MessageId,
        Seq = Entries[^1].Offset,
        Fingerprint = Fingerprint,
    };
}

/// <summary>A worker took a run; the token is the newest of the session from here on.</summary>
internal sealed record ClaimedRecord : SessionRecord
{
    public required RunId RunId { get; init; }

    public required long Token { get; init; }

    public required string Worker { get; init; }
}

/// <summary>A worker handed its run back.</summary>
internal sealed record ReleasedRecord : SessionRecord
{
    public required RunId RunId { get; init; }
}

/// <summary>A run wrote; its last entry is <c>run_finished</c> where it ended.</summary>
internal sealed record AppendedRecord : SessionRecord
{
    public required RunId RunId { get; init; }

    public required long Sequence { get; init; }
}

/// <summary>A run wrote for the last time before it waits for people: <c>tool_approval_required</c> is among its entries.</summary>
internal sealed record ParkedRecord : SessionRecord
{
    public required RunId RunId { get; init; }

    public required long Sequence { get; init; }

    public required RunFinished IfCancelled { get; init; }
}

/// <summary>Questions of a parked run were answered, or have expired: <c>tool_approval_resolved</c>.</summary>
internal sealed record ResolvedRecord : SessionRecord
{
    public required RunId RunId { get; init; }
}

/// <summary>A person cancelled: <c>cancel_requested</c> of a run under way, <c>run_finished</c> of one that waited.</summary>
internal sealed record CancelledRecord : SessionRecord
{
    public required RunId RunId { get; init; }
}

/// <summary>A person gave the session a name.</summary>
internal sealed record RenamedRecord : SessionRecord
{
    public required string Title { get; init; }
}

/// <summary>
/// Another process writes: the log goes on under another epoch,
/// because this process may have begun from less than clients have seen (a restored copy, a power cut).
/// </summary>
internal sealed record EpochRecord : SessionRecord
{
    public required Epoch Epoch { get; init; }

    /// <summary>The process.</summary>
    public required string Process { get; init; }

    /// <summary>Entries are known to be lost: whoever has the run under way has lost it, which is no attempt of the run.</summary>
    public bool EndsLease { get; init; }
}

/// <summary>Entries left the replay window: readers get them no more, whether they still stand in the store or not.</summary>
internal sealed record TrimmedRecord : SessionRecord
{
    public required Offset Through { get; init; }
}
