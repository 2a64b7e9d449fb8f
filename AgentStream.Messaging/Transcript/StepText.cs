using System.Text;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Transcript;

/// <summary>A step's text while it grows; adding a delta costs the delta, not the text.</summary>
internal sealed class StepText
{
    private readonly StringBuilder _content = new();
    private readonly OpenStep _head;

    private StepText(OpenStep head)
    {
        _head = head with { Content = "" };
        _content.Append(head.Content);
    }

    /// <summary>Set once the finished step has been written.</summary>
    public bool Finished { get; private init; }

    public static StepText Of(OpenStep step) => new(step);

    public static StepText Of(StepDelta delta) => new(new OpenStep
    {
        StepId = delta.StepId,
        StepType = delta.StepType,
        Content = delta.Delta,
        Iteration = delta.Iteration,
        AgentName = delta.AgentName,
        ParentStepId = delta.ParentStepId,
    });

    public static StepText Of(ReasoningStep step) => new(new OpenStep
    {
        StepId = step.StepId,
        StepType = step.StepType switch
        {
            StepType.Thought => DeltaType.Thought,
            StepType.ToolUse => DeltaType.ToolUse,
            StepType.ToolResult => DeltaType.ToolResult,
            _ => DeltaType.Answer,
        },
        Content = step.Content,
        Iteration = step.Iteration,
        AgentName = step.AgentName,
        ParentStepId = step.ParentStepId,
    })
    {
        Finished = true,
    };

    public void Append(string delta) => _content.Append(delta);

    public OpenStep ToOpenStep() => _head with { Content = _content.ToString(), Finished = Finished };
}
