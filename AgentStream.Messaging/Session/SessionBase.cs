using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Session;

/// <summary>A session at a moment at which none of its runs was under way: what its records begin with.</summary>
internal sealed record SessionBase
{
    public required SessionId SessionId { get; init; }

    public required Epoch Epoch { get; init; }

    /// <summary>The epochs that this one goes on from; <c>null</c>: none.</summary>
    public IReadOnlyList<FormerEpoch>? Former { get; init; }

    /// <summary>The process in which the epoch began; <c>null</c>: not known, an older version wrote it.</summary>
    public string? Process { get; init; }

    public required PrincipalId Owner { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>All entries up to here are folded into this.</summary>
    public required Offset TrimmedThrough { get; init; }

    public required long LastToken { get; init; }

    public required IReadOnlyList<KnownRun> Runs { get; init; }

    public required IReadOnlyList<RunRequest> Waiting { get; init; }

    public required IReadOnlyList<ConversationTurn> Conversation { get; init; }

    public required TranscriptState Transcript { get; init; }

    /// <summary>A session before its first entry.</summary>
    public static SessionBase New(SessionId sessionId, Epoch epoch, string process, PrincipalId owner, DateTimeOffset now) => new()
    {
        Process = process,
        SessionId = sessionId,
        Epoch = epoch,
        Owner = owner,
        CreatedAt = now,
        UpdatedAt = now,
        TrimmedThrough = Offset.Start,
        LastToken = 0,
        Runs = [],
        Waiting = [],
        Conversation = [],
        Transcript = new TranscriptState { Messages = [], QueuedRuns = [] },
    };
}

/// <summary>Facts about a run that are kept for the session's life, so that nothing starts or ends twice.</summary>
internal sealed record KnownRun
{
    public required RunId RunId { get; init; }

    public required MessageId MessageId { get; init; }

    /// <summary>The offset of its <c>run_queued</c>.</summary>
    public required Offset Seq { get; init; }

    /// <summary>Of what the client gave.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Another run took its place.</summary>
    public bool Replaced { get; init; }

    public bool Finished { get; init; }

    /// <summary>Another run took its message up: it never was a turn of the conversation.</summary>
    public bool Steered { get; init; }

    public bool CancelRequested { get; init; }

    /// <summary>The claim that may write, or that wrote last; 0 where none may.</summary>
    public long Token { get; init; }

    /// <summary>The epoch of that claim; <c>null</c> before the first.</summary>
    public Epoch? ClaimedIn { get; init; }

    /// <summary>Its last write.</summary>
    public long Sequence { get; init; }

    /// <summary>The answer to that write.</summary>
    public Offset LastOffset { get; init; }
}
