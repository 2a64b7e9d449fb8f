using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging.Protocol;

/// <summary>The type of a finished step: the five types of the original protocol, unchanged.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepType>))]
public enum StepType
{
    [JsonStringEnumMemberName("thought")]
    Thought,

    [JsonStringEnumMemberName("tool_use")]
    ToolUse,

    [JsonStringEnumMemberName("tool_result")]
    ToolResult,

    [JsonStringEnumMemberName("final_answer")]
    FinalAnswer,

    [JsonStringEnumMemberName("error")]
    Error,
}

/// <summary>
/// The type that a step which is still streaming seems to have so far. What streams as <see cref="Answer"/> may turn out to be a thought.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeltaType>))]
public enum DeltaType
{
    [JsonStringEnumMemberName("thought")]
    Thought,

    [JsonStringEnumMemberName("answer")]
    Answer,

    [JsonStringEnumMemberName("tool_use")]
    ToolUse,

    [JsonStringEnumMemberName("tool_result")]
    ToolResult,
}

/// <summary>A piece of a step's content, the moment it exists.</summary>
public sealed record StepDelta : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.StepDelta;

    public required StepId StepId { get; init; }

    public required DeltaType StepType { get; init; }

    /// <summary>The text that follows the content so far.</summary>
    public required string Delta { get; init; }

    public int Iteration { get; init; }

    public string? AgentName { get; init; }

    public StepId? ParentStepId { get; init; }
}

/// <summary>A finished step, authoritative: it carries the whole content, and its type settles what streamed before.</summary>
public sealed record ReasoningStep : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.ReasoningStep;

    public required StepId StepId { get; init; }

    /// <summary>On the wire: <c>type</c>, one of the five original fields.</summary>
    [JsonPropertyName("type")]
    public required StepType StepType { get; init; }

    public required string Content { get; init; }

    /// <summary>The number of the model reply that it belongs to, from 1.</summary>
    public required int Iteration { get; init; }

    /// <summary>The time at which the step was finished.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset Timestamp { get; init; }

    public string? ToolName { get; init; }

    public ToolCallId? ToolCallId { get; init; }

    /// <summary>A JSON object; a string where what the model wrote is no JSON.</summary>
    public JsonElement? Arguments { get; init; }

    public double? DurationMs { get; init; }

    /// <summary>The tool failed; the content says how, for the model to read.</summary>
    public bool? IsError { get; init; }

    /// <summary>The call was begun and its result is not known: it may or may not have happened, and was not repeated.</summary>
    public bool? InDoubt { get; init; }

    /// <summary>The content ends where it was cut off (cancelled, limit, broken stream).</summary>
    public bool? CutOff { get; init; }

    public StepId? ParentStepId { get; init; }

    public string? AgentName { get; init; }

    /// <summary>What the model's reply that ends with this step has cost, as <see cref="TokenUsage.Cost"/>.</summary>
    public decimal? Cost { get; init; }
}

/// <summary>The reason why the text of steps is taken back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SupersededReason>))]
public enum SupersededReason
{
    /// <summary>Streamed by an attempt whose worker was lost before the next checkpoint.</summary>
    [JsonStringEnumMemberName("attempt_lost")]
    AttemptLost,

    /// <summary>Looked like the answer, was a thought, and the run does not show its thoughts.</summary>
    [JsonStringEnumMemberName("hidden")]
    Hidden,

    /// <summary>The model's stream broke and the reply is asked for again.</summary>
    [JsonStringEnumMemberName("retried")]
    Retried,
}

/// <summary>Clients take the text of these steps back.</summary>
public sealed record StepSuperseded : SessionEvent
{
    /// <inheritdoc />
    [JsonIgnore]
    public override string Type => EventTypes.StepSuperseded;

    public required IReadOnlyList<StepId> StepIds { get; init; }

    public required SupersededReason Reason { get; init; }
}
