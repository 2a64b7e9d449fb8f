using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>Makes the result of a call of a run's events, and says in a line what each step is.</summary>
internal sealed class McpFold(RunAddress run)
{
    private const int LongestLine = 1000;

    private readonly Dictionary<ToolCallId, string> _tools = [];
    private readonly OrderedDictionary<ToolCallId, ToolApprovalRequired> _questions = [];
    private StepId? _answerStep;
    private string? _answer;

    /// <summary>The result; <c>null</c>: the run is not over.</summary>
    public McpToolResult? Result { get; private set; }

    /// <summary>The questions that nobody has answered.</summary>
    public IEnumerable<ToolApprovalRequired> Questions => _questions.Values;

    /// <summary>Takes an event.</summary>
    /// <returns>The line; <c>null</c>: it is none that people have to see.</returns>
    public string? Take(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case RunStarted started:
                return started.Attempt > 1 ? $"{started.AgentName} goes on." : $"{started.AgentName} begins.";
            case ReasoningStep step:
                return Take(step);
            case StepSuperseded superseded:
                if (_answerStep is { } answer && superseded.StepIds.Contains(answer))
                {
                    (_answerStep, _answer) = (null, null);
                }

                return null;
            case ToolApprovalRequired { ClientTool: not true } required:
                _questions[required.ToolCallId] = required;
                return McpQuestion.Of(required.ToolName, required.Arguments).Message;
            case ToolApprovalResolved resolved:
                return _questions.Remove(resolved.ToolCallId, out var asked)
                    ? $"{asked.ToolName} was {(resolved.Approved ? "allowed" : "refused")}."
                    : null;
            case RunFinished finished:
                Result = ResultOf(finished);
                return null;
            default:
                return null;
        }
    }

    private string? Take(ReasoningStep step)
    {
        switch (step.StepType)
        {
            case StepType.Thought:
                return Line(step, step.Content);
            case StepType.ToolUse when step.ToolCallId is { } call:
                _tools[call] = step.ToolName ?? "";
                return Line(step, $"{step.ToolName}({(step.Arguments is { } arguments ? arguments.GetRawText() : "")})");
            case StepType.ToolResult when step.ToolCallId is { } call:
                return Line(step, $"{_tools.GetValueOrDefault(call) ?? step.ToolName}: {step.Content}");
            case StepType.FinalAnswer when step.ParentStepId is null:
                (_answerStep, _answer) = (step.StepId, step.Content);
                return null;
            default:
                return null;
        }
    }

    // What an agent says inside a call of another has its name before it.
    private static string Line(ReasoningStep step, string text)
    {
        var line = step is { ParentStepId: not null, AgentName: { } agent } ? $"{agent}: {text}" : text;
        return line.Length <= LongestLine ? line : $"{line[..LongestLine]}…";
    }

    private McpToolResult ResultOf(RunFinished finished)
    {
        var sentence = finished.Status switch
        {
            RunStatus.Completed => _answer ?? "",
            RunStatus.Cancelled => "The run was cancelled.",
            _ => finished.Error ?? "The run failed.",
        };
        return McpToolResult.Failed(sentence) with
        {
            IsError = finished.Status == RunStatus.Completed ? null : true,
            StructuredContent = new McpOutcome { Answer = _answer, SessionId = run.SessionId.Value, RunId = run.RunId.Value },
        };
    }
}
