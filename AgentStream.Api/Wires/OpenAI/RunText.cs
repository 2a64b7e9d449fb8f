using System.Text.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>Which steps of a run are the agent's own words to the caller.</summary>
internal static class RunText
{
    /// <summary>Stands between two thoughts.</summary>
    public const string Paragraph = "\n\n";

    /// <summary>A thought of the agent that was asked; those of agents that it asks itself are a part of its tool call.</summary>
    public static bool IsThought(ReasoningStep step) => step is { StepType: StepType.Thought, ParentStepId: null };

    /// <summary>The answer.</summary>
    public static bool IsAnswer(ReasoningStep step) => step is { StepType: StepType.FinalAnswer, ParentStepId: null };

    /// <summary>The arguments of a call, as JSON text.</summary>
    public static string ArgumentsOf(ToolApprovalRequired call) => call.Arguments switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: not JsonValueKind.Undefined } json => json.GetRawText(),
        _ => "{}",
    };

    /// <summary>A piece of either.</summary>
    public static bool IsText(StepDelta delta) => delta is { StepType: DeltaType.Thought or DeltaType.Answer, ParentStepId: null };
}
