using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Protocol;

/// <summary>A message was taken and its run stands in the queue.</summary>
public sealed record RunQueued : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.RunQueued;

    /// <summary>The person's message.</summary>
    public required string Message { get; init; }

    /// <summary>The client's id of the message.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The agent that was asked.</summary>
    public required string AgentName { get; init; }

    /// <summary>The number of runs of the session that go before it; 0 means that it starts at once.</summary>
    public int Position { get; init; }

    /// <summary>Whether thoughts and tool steps of this run are written to the log.</summary>
    public bool EnableReasoning { get; init; } = true;

    /// <summary>The files that came with it; <c>null</c>: none.</summary>
    public IReadOnlyList<Attachment>? Attachments { get; init; }

    /// <summary>The run that this one stands in for (edit, regenerate): it and all queued after it leave the conversation.</summary>
    public RunId? ReplacesRunId { get; init; }

    /// <summary>The run under way that takes the message up at its next step, if it has one before this run's turn comes.</summary>
    public RunId? SteersRunId { get; init; }
}

/// <summary>A worker has claimed the run and begins, or goes on as a further attempt.</summary>
public sealed record RunStarted : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.RunStarted;

    public required string AgentName { get; init; }

    public required string Model { get; init; }

    /// <summary>Counts from 1; more than 1 after a worker was lost.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The W3C trace id that leads from the click to the last token.</summary>
    public string? TraceId { get; init; }

    /// <summary>W3C trace context of the append, so that those who deliver it stay in the trace.</summary>
    public string? Traceparent { get; init; }

    /// <summary>W3C <c>tracestate</c>: what the vendors of the trace put beside it.</summary>
    public string? Tracestate { get; init; }
}

/// <summary>
/// The run has taken up a message that came while it was under way: the agent reads it before its next reply.
/// The run that the message would have had is over with it (<see cref="RunFinished.SteeredRunId"/>).
/// </summary>
public sealed record MessageSteered : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.MessageSteered;

    /// <summary>The run that the message would have had, under whose id it was queued.</summary>
    public required RunId QueuedRunId { get; init; }

    /// <summary>The client's id of the message.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The person's message.</summary>
    public required string Message { get; init; }

    /// <summary>The first reply of the model that knows of it.</summary>
    public int Iteration { get; init; }
}

/// <summary>Cancelling was accepted for a running run: it will end as <see cref="RunStatus.Cancelled"/>, certainly.</summary>
public sealed record CancelRequested : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.CancelRequested;

    /// <summary>The one that asked: <c>client</c>, or <c>interrupt</c> for a message that interrupts.</summary>
    public string? By { get; init; }
}

/// <summary>The end of a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    [JsonStringEnumMemberName("completed")]
    Completed,

    [JsonStringEnumMemberName("failed")]
    Failed,

    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>The one terminal event of a run: nothing of that run follows it.</summary>
public sealed record RunFinished : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.RunFinished;

    public required RunStatus Status { get; init; }

    /// <summary>For people: what went wrong and what to do. Only where <see cref="Status"/> is <see cref="RunStatus.Failed"/>.</summary>
    public string? Error { get; init; }

    /// <summary>For programs: a stable snake_case code of the error.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>From the first start of the run, in milliseconds, without the time in which it waited for people.</summary>
    public double DurationMs { get; init; }

    /// <summary>The number of model replies that the run took.</summary>
    public int Iterations { get; init; }

    /// <summary>Tokens of the whole run.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>
    /// The run that took the message up while this one waited for its turn: the answer is that one's.
    /// <c>null</c>: this run had its own turn, or was cancelled before it.
    /// </summary>
    public RunId? SteeredRunId { get; init; }
}

/// <summary>Tokens of one model reply or of one run.</summary>
public sealed record TokenUsage
{
    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long TotalTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public long? CachedTokens { get; init; }

    /// <summary>True where the provider gave no figures and ours are a guess by length.</summary>
    public bool Estimated { get; init; }

    public double? TimeToFirstTokenMs { get; init; }

    public double? TokensPerSecond { get; init; }

    /// <summary>
    /// The model that answered: of a run, the one that gave its last reply.
    /// Not the one that was asked first, where a fallback had to stand in.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>
    /// What it has cost by the operator's prices (<c>AgentStream:Prices</c>), in their currency;
    /// <c>null</c> where no model that answered has a price.
    /// </summary>
    public decimal? Cost { get; init; }
}

/// <summary>Follows each model reply, so that clients can count live.</summary>
public sealed record UsageReported : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.Usage;

    /// <summary>The step whose reply it counts; <c>null</c> where the reply showed none.</summary>
    public StepId? StepId { get; init; }

    public int Iteration { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long TotalTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public long? CachedTokens { get; init; }

    /// <inheritdoc cref="TokenUsage.Estimated" />
    public bool Estimated { get; init; }

    public double? TimeToFirstTokenMs { get; init; }

    public double? TokensPerSecond { get; init; }

    /// <inheritdoc cref="TokenUsage.Model" />
    public string? Model { get; init; }

    /// <inheritdoc cref="TokenUsage.Cost" />
    public decimal? Cost { get; init; }

    /// <summary>The report of a reply's tokens.</summary>
    public static UsageReported Of(TokenUsage usage, int iteration, StepId? stepId = null)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return new()
        {
            StepId = stepId,
            Iteration = iteration,
            InputTokens = usage.InputTokens,
            OutputTokens = usage.OutputTokens,
            TotalTokens = usage.TotalTokens,
            ReasoningTokens = usage.ReasoningTokens,
            CachedTokens = usage.CachedTokens,
            Estimated = usage.Estimated,
            TimeToFirstTokenMs = usage.TimeToFirstTokenMs,
            TokensPerSecond = usage.TokensPerSecond,
            Model = usage.Model,
            Cost = usage.Cost,
        };
    }

    /// <summary>The tokens that it reports.</summary>
    public TokenUsage ToUsage() => new()
    {
        InputTokens = InputTokens,
        OutputTokens = OutputTokens,
        TotalTokens = TotalTokens,
        ReasoningTokens = ReasoningTokens,
        CachedTokens = CachedTokens,
        Estimated = Estimated,
        TimeToFirstTokenMs = TimeToFirstTokenMs,
        TokensPerSecond = TokensPerSecond,
        Model = Model,
        Cost = Cost,
    };
}

/// <summary>A tool call waits for a person, or, where the tool is the caller's own, for its result.</summary>
public sealed record ToolApprovalRequired : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.ToolApprovalRequired;

    public required ToolCallId ToolCallId { get; init; }

    public required string ToolName { get; init; }

    public JsonElement? Arguments { get; init; }

    [JsonConverter(typeof(Json.UnixSecondsConverter))]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The caller executes the call: what is wanted is its result, not leave.</summary>
    public bool? ClientTool { get; init; }
}

/// <summary>A person has answered, or nobody did in time.</summary>
public sealed record ToolApprovalResolved : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.ToolApprovalResolved;

    /// <summary><see cref="By"/> where nobody answered in time.</summary>
    public const string ByExpiry = "expiry";

    public required ToolCallId ToolCallId { get; init; }

    public required bool Approved { get; init; }

    /// <summary>The one that answered; where nobody did, the reason why it is over: <c>expiry</c>, <c>interrupt</c>.</summary>
    public required string By { get; init; }

    /// <summary>The final arguments, edited or not. Only where <see cref="Approved"/>.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The person changed the arguments.</summary>
    public bool? Edited { get; init; }

    /// <summary>Nobody answered in time.</summary>
    public bool? Expired { get; init; }

    public string? Reason { get; init; }

    /// <summary>What came of the call, where its caller has executed it.</summary>
    public string? Result { get; init; }

    /// <summary>The caller says that it failed; <see cref="Result"/> says how.</summary>
    public bool? IsError { get; init; }
}
