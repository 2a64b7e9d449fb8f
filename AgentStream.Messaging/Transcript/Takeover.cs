using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Transcript;

/// <summary>A stretch in which nobody worked on a run: its worker was lost, and then another one went on.</summary>
internal sealed record Takeover
{
    /// <summary>The time at which the lost one was last heard of.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset From { get; init; }

    /// <summary>The time at which the other one began.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public required DateTimeOffset To { get; init; }

    /// <summary>The number of results that stood in the log, and were not asked for again.</summary>
    public required int Reused { get; init; }

    /// <summary>
    /// The calls that stood in the log without a result; <c>null</c>: there was none.
    /// One that delegates is no such call once the other agent has begun: that one goes on where it was.
    /// </summary>
    public IReadOnlyList<ToolCallId>? OpenCalls { get; init; }

    /// <summary>Describes what a lost worker left.</summary>
    /// <param name="from">When it was last heard of.</param>
    /// <param name="to">When another one began.</param>
    /// <param name="steps">The steps of the run in the log.</param>
    internal static Takeover Of(DateTimeOffset from, DateTimeOffset to, IReadOnlyList<ReasoningStep> steps)
    {
        var begun = steps.Select(step => step.ParentStepId).ToHashSet();
        var results = steps.Where(step => step.StepType == StepType.ToolResult).Select(step => step.ToolCallId).ToHashSet();
        List<ToolCallId> open =
        [
            .. steps
                .Where(step => step.StepType == StepType.ToolUse && !begun.Contains(step.StepId))
                .Select(step => step.ToolCallId)
                .OfType<ToolCallId>()
                .Where(call => !results.Contains(call)),
        ];
        return new Takeover
        {
            From = from < to ? from : to,
            To = to,
            Reused = results.Count,
            OpenCalls = open.Count == 0 ? null : open,
        };
    }
}
