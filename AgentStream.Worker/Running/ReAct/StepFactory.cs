using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Tools.Arguments;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>Makes the steps of one claim of a run: numbers them, stamps them, names their agent.</summary>
internal sealed class StepFactory(RunId runId, int claim, string agentName, TimeProvider time, int first = 1)
{
    private Numbers _numbers = new(first);
    private StepId? _parent;

    public StepId NextId() => StepId.Create(runId, claim, _numbers.Next++);

    /// <summary>Makes the steps of an agent that works inside a step of this one's; numbered together.</summary>
    public StepFactory Within(StepId? parent, string subAgent)
        => new(runId, claim, subAgent, time) { _numbers = _numbers, _parent = parent };

    public StepDelta Delta(StepId id, DeltaType type, string delta, int iteration)
        => new()
        {
            StepId = id,
            // What a sub-agent writes may become the result of the step that it works in, and never the run's answer.
            StepType = _parent is not null && type == DeltaType.Answer ? DeltaType.ToolResult : type,
            Delta = delta,
            Iteration = iteration,
            AgentName = agentName,
            ParentStepId = _parent,
        };

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
        ParentStepId = _parent,
    };

    public ReasoningStep Error(string message, int iteration) => Text(NextId(), StepType.Error, message, iteration, TimeSpan.Zero);

    /// <summary>Text that stands there without an end. What is finished says already what it is.</summary>
    public static bool CanBeCutOff(OpenStep step)
        => !step.Finished && step.StepType is (DeltaType.Answer or DeltaType.Thought or DeltaType.ToolResult);

    /// <summary>The text of a step that nobody will go on with.</summary>
    public ReasoningStep CutOff(OpenStep step) =>
        Text(step.StepId, FinishedType(step.StepType), step.Content, step.Iteration, TimeSpan.Zero, cutOff: true) with
        {
            AgentName = step.AgentName ?? agentName,
            ParentStepId = step.ParentStepId,
        };

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
        ParentStepId = _parent,
    };

    /// <summary>The end of a call; <paramref name="id"/> is the step that its partial output was streamed to, if there was any.</summary>
    public ReasoningStep ToolResult(RecordedCall call, int iteration, ToolOutcome outcome, StepId? id = null) => new()
    {
        StepId = id ?? NextId(),
        StepType = StepType.ToolResult,
        Content = outcome.Shown ?? outcome.Content,
        Iteration = iteration,
        Timestamp = time.GetUtcNow(),
        ToolName = call.Name,
        ToolCallId = call.Id,
        DurationMs = Math.Round(outcome.Duration.TotalMilliseconds, 1),
        IsError = outcome.IsError ? true : null,
        InDoubt = outcome.InDoubt ? true : null,
        AgentName = agentName,
        ParentStepId = _parent,
    };

    private static StepType FinishedType(DeltaType type) => type switch
    {
        DeltaType.Answer => StepType.FinalAnswer,
        DeltaType.ToolResult => StepType.ToolResult,
        _ => StepType.Thought,
    };

    public static JsonElement ArgumentsOnTheWire(string text)
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

    private sealed class Numbers(int first)
    {
        public int Next { get; set; } = first;
    }
}
