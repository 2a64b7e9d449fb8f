using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Running;

/// <summary>Makes the steps of one claim of a run: numbers them, stamps them, names their agent.</summary>
internal sealed class StepFactory(RunId runId, int claim, string agentName, TimeProvider time, int first = 1)
{
    private int _next = first;

    public StepId NextId() => StepId.Create(runId, claim, _next++);

    public StepDelta Delta(StepId id, DeltaType type, string delta, int iteration)
        => new() { StepId = id, StepType = type, Delta = delta, Iteration = iteration, AgentName = agentName };

    public ReasoningStep Text(StepId id, StepType type, string content, int iteration, TimeSpan duration, bool cutOff = false) => new()
    {
        StepId = id,
        StepType = type,
        Content = content,
        Iteration = iteration,
        Timestamp = time.GetUtcNow(),
        DurationMs = duration > TimeSpan.Zero ? Math.Round(duration.TotalMilliseconds, 1) : null,
        CutOff = cutOff ? true : null,
        AgentName = agentName,
    };

    public ReasoningStep Error(string message, int iteration) => Text(NextId(), StepType.Error, message, iteration, TimeSpan.Zero);

    /// <summary>Text that stands there without an end. What is finished says already what it is.</summary>
    public static bool CanBeCutOff(OpenStep step) => !step.Finished && step.StepType is (DeltaType.Answer or DeltaType.Thought);

    /// <summary>The text of a step that nobody will go on with.</summary>
    public ReasoningStep CutOff(OpenStep step)
    {
        var type = step.StepType == DeltaType.Answer ? StepType.FinalAnswer : StepType.Thought;
        return Text(step.StepId, type, step.Content, step.Iteration, TimeSpan.Zero, cutOff: true) with
        {
            AgentName = step.AgentName ?? agentName,
            ParentStepId = step.ParentStepId,
        };
    }

    public ReasoningStep ToolUse(RecordedCall call, int iteration) => new()
    {
        StepId = NextId(),
        StepType = StepType.ToolUse,
        Content = $"{call.Name}({call.Arguments})",
        Iteration = iteration,
        Timestamp = time.GetUtcNow(),
        ToolName = call.Name,
        ToolCallId = call.Id,
        Arguments = ArgumentsOnTheWire(call.Arguments),
        AgentName = agentName,
    };

    public ReasoningStep ToolResult(RecordedCall call, int iteration, ToolOutcome outcome) => new()
    {
        StepId = NextId(),
        StepType = StepType.ToolResult,
        Content = outcome.Content,
        Iteration = iteration,
        Timestamp = time.GetUtcNow(),
        ToolName = call.Name,
        ToolCallId = call.Id,
        DurationMs = Math.Round(outcome.Duration.TotalMilliseconds, 1),
        IsError = outcome.IsError ? true : null,
        InDoubt = outcome.InDoubt ? true : null,
        AgentName = agentName,
    };

    private static JsonElement ArgumentsOnTheWire(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return JsonElement.Parse("{}");
        }

        try
        {
            var element = JsonElement.Parse(text);
            if (element.ValueKind == JsonValueKind.Object && JsonCharacters.AreWhole(element))
            {
                return element;
            }
        }
        catch (JsonException)
        {
            // What is no JSON is shown as the text it is; the tool's result tells the model.
        }

        return JsonSerializer.SerializeToElement(text, RunRecordJson.Default.String);
    }
}
