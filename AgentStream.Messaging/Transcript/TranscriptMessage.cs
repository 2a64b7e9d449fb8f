using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Transcript;

/// <summary>The state of a message's run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageStatus>))]
internal enum MessageStatus
{
    [JsonStringEnumMemberName("queued")]
    Queued,

    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Parked until a person answers.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    [JsonStringEnumMemberName("completed")]
    Completed,

    [JsonStringEnumMemberName("failed")]
    Failed,

    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>One message with all that its run said: what the log's entries come to.</summary>
internal sealed record TranscriptMessage
{
    /// <summary>The offset of its <c>run_queued</c>: the key for paging.</summary>
    public required Offset Seq { get; init; }

    public required RunId RunId { get; init; }

    public required MessageId MessageId { get; init; }

    public required string Message { get; init; }

    public required string AgentName { get; init; }

    public required MessageStatus Status { get; init; }

    public bool? CancelRequested { get; init; }

    public bool EnableReasoning { get; init; } = true;

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset QueuedAt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <inheritdoc cref="RunQueued.Attachments" />
    public IReadOnlyList<Attachment>? Attachments { get; init; }

    public RunId? ReplacesRunId { get; init; }

    /// <summary>The run that took its place: it is no part of the conversation any more.</summary>
    public RunId? ReplacedBy { get; init; }

    /// <inheritdoc cref="RunQueued.SteersRunId" />
    public RunId? SteersRunId { get; init; }

    /// <inheritdoc cref="RunFinished.SteeredRunId" />
    public RunId? SteeredRunId { get; init; }

    public string? Model { get; init; }

    public int? Attempt { get; init; }

    public string? TraceId { get; init; }

    /// <summary>The finished steps in the order of the log, superseded ones gone.</summary>
    public required IReadOnlyList<ReasoningStep> Steps { get; init; }

    /// <summary>
    /// The answers to the tool calls that a person was asked about, in the order of the answers; <c>null</c>: none was answered.
    /// </summary>
    public IReadOnlyList<ResolvedApproval>? Approvals { get; init; }

    public string? Error { get; init; }

    public string? ErrorCode { get; init; }

    public TokenUsage? Usage { get; init; }

    public double? DurationMs { get; init; }

    public int? Iterations { get; init; }

    /// <summary>
    /// The times in which it waited for people's approval, in order; <c>null</c>: it never did.
    /// This time is no part of <see cref="DurationMs"/>.
    /// </summary>
    public IReadOnlyList<ApprovalWait>? Waits { get; init; }

    /// <summary>The times in which it had no worker because that was lost, in order; <c>null</c>: none was.</summary>
    public IReadOnlyList<Takeover>? Takeovers { get; init; }

    /// <summary>The messages that its run took up while it was under way, in order; <c>null</c>: none.</summary>
    public IReadOnlyList<SteeredMessage>? Steered { get; init; }
}

/// <summary>A message that a run took up while it was under way.</summary>
public sealed record SteeredMessage
{
    /// <inheritdoc cref="MessageSteered.QueuedRunId" />
    public required RunId QueuedRunId { get; init; }

    public required MessageId MessageId { get; init; }

    public required string Message { get; init; }

    /// <inheritdoc cref="MessageSteered.Iteration" />
    public int Iteration { get; init; }

    /// <summary>The time at which it was taken up.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset Timestamp { get; init; }
}

/// <summary>A stretch in which a run was parked, from its first question to the last answer to what it had asked.</summary>
internal sealed record ApprovalWait
{
    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset From { get; init; }

    /// <summary><c>null</c> while it lasts.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? To { get; init; }
}

/// <summary>A step that still streams, with its text so far.</summary>
internal sealed record OpenStep
{
    public required StepId StepId { get; init; }

    public required DeltaType StepType { get; init; }

    public required string Content { get; init; }

    public int Iteration { get; init; }

    public string? AgentName { get; init; }

    public StepId? ParentStepId { get; init; }

    /// <summary>In a claim only: the finished step stands in the log already, and only its checkpoint is missing.</summary>
    [JsonIgnore]
    public bool Finished { get; init; }
}

/// <summary>A tool call that waits for a person, or for the result of the caller that executes it.</summary>
internal sealed record PendingApproval
{
    public required ToolCallId ToolCallId { get; init; }

    public required string ToolName { get; init; }

    public JsonElement? Arguments { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <inheritdoc cref="ToolApprovalRequired.ClientTool" />
    public bool? ClientTool { get; init; }
}

/// <summary>
/// A tool call that a person was asked about, and what became of the question. The final arguments stand in the <c>tool_use</c> step.
/// </summary>
internal sealed record ResolvedApproval
{
    public required ToolCallId ToolCallId { get; init; }

    /// <summary><c>null</c> where the question is not known any more.</summary>
    public string? ToolName { get; init; }

    public required bool Approved { get; init; }

    /// <inheritdoc cref="ToolApprovalResolved.By" />
    public required string By { get; init; }

    /// <inheritdoc cref="ToolApprovalResolved.Edited" />
    public bool? Edited { get; init; }

    /// <inheritdoc cref="ToolApprovalResolved.Expired" />
    public bool? Expired { get; init; }

    public string? Reason { get; init; }

    /// <inheritdoc cref="ToolApprovalRequired.ClientTool" />
    public bool? ClientTool { get; init; }
}

/// <summary>The run that is under way.</summary>
internal sealed record ActiveRun
{
    public required RunId RunId { get; init; }

    /// <summary><see cref="MessageStatus.Running"/> or <see cref="MessageStatus.Waiting"/>.</summary>
    public required MessageStatus Status { get; init; }

    public int Attempt { get; init; }

    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time of its last entry in the log.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? HeardAt { get; init; }

    public required IReadOnlyList<OpenStep> OpenSteps { get; init; }

    public required IReadOnlyList<PendingApproval> PendingApprovals { get; init; }
}

/// <summary>
/// The <c>data</c> of <c>snapshot</c> and <c>resync</c>: all that a reader without a cursor needs to go on after <see cref="LastSeq"/>.
/// </summary>
internal sealed record SnapshotData
{
    public required SessionId SessionId { get; init; }

    public required Epoch Epoch { get; init; }

    public required Offset LastSeq { get; init; }

    /// <summary>The offset through which the log was folded into the transcript; cursors before it can't be served.</summary>
    public required Offset TrimmedThrough { get; init; }

    public string? Title { get; init; }

    /// <summary>Only in a <c>resync</c>: why the reader's cursor could not be served.</summary>
    public ResyncReason? Reason { get; init; }

    /// <summary>The newest page, oldest first.</summary>
    public required IReadOnlyList<TranscriptMessage> Messages { get; init; }

    /// <summary>There are older messages than these.</summary>
    public required bool HasMore { get; init; }

    /// <summary>Of all runs of the session together, not only of those in <see cref="Messages"/>.</summary>
    public TokenUsage? Usage { get; init; }

    public ActiveRun? ActiveRun { get; init; }

    public required IReadOnlyList<RunId> QueuedRuns { get; init; }
}

/// <summary>The reason why a cursor can't be served.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResyncReason>))]
internal enum ResyncReason
{
    /// <summary>The entries after it were folded into the transcript.</summary>
    [JsonStringEnumMemberName("trimmed")]
    Trimmed,

    /// <summary>It is of another life of the log.</summary>
    [JsonStringEnumMemberName("epoch")]
    Epoch,

    /// <summary>It is beyond the end of the log.</summary>
    [JsonStringEnumMemberName("ahead")]
    Ahead,

    /// <summary>The reader lacked too many entries.</summary>
    [JsonStringEnumMemberName("too_slow")]
    TooSlow,
}
