using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>A piece of text of a step that is under way.</summary>
public sealed record StepDelta : LogEvent
{
    /// <summary>The step.</summary>
    public required string StepId { get; init; }

    /// <summary>What the step looks like so far; its <see cref="ReasoningStep"/> settles it.</summary>
    public required DeltaType StepType { get; init; }

    /// <summary>The text that follows what there was.</summary>
    public required string Delta { get; init; }

    /// <summary>The number of the model reply that it belongs to, from 1.</summary>
    public int Iteration { get; init; }

    /// <summary>The agent that says it.</summary>
    public string? AgentName { get; init; }

    /// <summary>The step inside which that agent works, where another one has asked it.</summary>
    public string? ParentStepId { get; init; }
}

/// <summary>A finished step. It carries the whole content, whatever has streamed before.</summary>
public sealed record ReasoningStep : LogEvent
{
    /// <summary>The step.</summary>
    public required string StepId { get; init; }

    /// <summary>What it is.</summary>
    public required StepType Type { get; init; }

    /// <summary>Its whole text.</summary>
    public required string Content { get; init; }

    /// <summary>The number of the model reply that it belongs to, from 1.</summary>
    public int Iteration { get; init; }

    /// <summary>The time at which it was finished.</summary>
    [JsonPropertyName("timestamp")]
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>The tool that was called.</summary>
    public string? ToolName { get; init; }

    /// <summary>The call.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>What the tool was called with: an object, or a string where what the model wrote was no JSON.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The milliseconds that it took.</summary>
    public double? DurationMs { get; init; }

    /// <summary>The tool failed; the content says how.</summary>
    public bool IsError { get; init; }

    /// <summary>The call was begun and its result is not known: it may or may not have happened, and was not repeated.</summary>
    public bool InDoubt { get; init; }

    /// <summary>The content ends where it was cut off.</summary>
    public bool CutOff { get; init; }

    /// <summary>The step inside which its agent works, where another one has asked it.</summary>
    public string? ParentStepId { get; init; }

    /// <summary>The agent.</summary>
    public string? AgentName { get; init; }

    /// <summary>The cost of the model's reply that ends with this step, by the operator's prices, where there are any.</summary>
    public decimal? Cost { get; init; }
}

/// <summary>Take the text of these steps back; their ids never come again.</summary>
public sealed record StepSuperseded : LogEvent
{
    /// <summary>The steps.</summary>
    public required IReadOnlyList<string> StepIds { get; init; }

    /// <summary>The reason.</summary>
    public SupersededReason Reason { get; init; }
}
