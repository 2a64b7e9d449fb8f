using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging.Protocol;

/// <summary>The discriminators of what a server sends outside the log (such frames have no <c>seq</c>).</summary>
internal static class NoticeTypes
{
    public const string Connected = "connected";
    public const string Snapshot = "snapshot";
    public const string Resync = "resync";
    public const string Accepted = "accepted";
    public const string Status = "status";
    public const string Heartbeat = "heartbeat";
    public const string Pong = "pong";
    public const string Error = "error";
}

/// <summary>First of all frames.</summary>
internal sealed record Connected
{
    public required SessionId SessionId { get; init; }

    public required Epoch Epoch { get; init; }

    public required Offset LastSeq { get; init; }

    /// <summary>Whether the reader goes on after its own offset; otherwise a snapshot or a resync follows.</summary>
    public required bool Resumed { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset ServerTime { get; init; }
}

/// <summary>The outcome of a message.</summary>
internal sealed record Accepted
{
    public required MessageId MessageId { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>The offset of the run's <c>run_queued</c>.</summary>
    public required Offset Seq { get; init; }

    /// <summary>The message had been taken before; nothing was started by this one.</summary>
    public bool Duplicate { get; init; }
}

/// <summary>The store is in trouble, or well again.</summary>
internal sealed record StatusChanged
{
    /// <summary><c>degraded</c> or <c>ok</c>.</summary>
    public required string State { get; init; }

    public required string Message { get; init; }
}

/// <summary>Says that all is well and how far the log is, so that a client can see what it missed.</summary>
internal sealed record Heartbeat
{
    public required Epoch Epoch { get; init; }

    public required Offset LastSeq { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset Timestamp { get; init; }
}

/// <summary>A frame that could not be used; the connection stays open.</summary>
internal sealed record ErrorNotice
{
    /// <summary>Stable, snake_case, one of <see cref="ErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>A sentence that says what to do.</summary>
    public required string Message { get; init; }

    public MessageId? MessageId { get; init; }

    /// <summary>The seconds to wait before it is tried again; only where waiting helps.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>The stable codes of <see cref="ErrorNotice"/> and of the problem details over HTTP.</summary>
internal static class ErrorCodes
{
    public const string InvalidJson = "invalid_json";
    public const string InvalidFrame = "invalid_frame";
    public const string UnknownType = "unknown_type";
    public const string InvalidMessage = "invalid_message";
    public const string MessageTooLong = "message_too_long";
    public const string InvalidId = "invalid_id";
    public const string InvalidOption = "invalid_option";
    public const string UnknownAgent = "unknown_agent";
    public const string UnknownRun = "unknown_run";
    public const string NothingToCancel = "nothing_to_cancel";
    public const string NoSuchApproval = "no_such_approval";
    public const string AlreadyAnswered = "already_answered";
    public const string NoSuchAttachment = "no_such_attachment";
    public const string NoSuchLink = "no_such_link";
    public const string TooManyLinks = "too_many_links";
    public const string Conflict = "conflict";
    public const string Busy = "busy";
    public const string QueueFull = "queue_full";
    public const string RateLimited = "rate_limited";
    public const string RunLimit = "run_limit";
    public const string SessionLimit = "session_limit";
    public const string StorageLimit = "storage_limit";
    public const string BudgetSpent = "budget_spent";
    public const string SessionNotFound = "session_not_found";
    public const string InvalidCursor = "invalid_cursor";
    public const string Unauthenticated = "unauthenticated";
    public const string Forbidden = "forbidden";
    public const string OriginNotAllowed = "origin_not_allowed";
    public const string HostNotAllowed = "host_not_allowed";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string UpgradeRequired = "upgrade_required";
    public const string BodyTooLarge = "body_too_large";
    public const string TooManyConnections = "too_many_connections";
    public const string ShuttingDown = "shutting_down";
    public const string StoreUnavailable = "store_unavailable";
    public const string InternalError = "internal_error";
}
