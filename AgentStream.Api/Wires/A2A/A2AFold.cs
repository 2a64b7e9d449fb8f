using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.A2A;

/// <summary>Makes a task of a run's events, and says what each of them changes. The answer is its one artifact.</summary>
/// <remarks>
/// An artifact that is not appended to is replaced: so what looked like the answer and is not, or is lost, is taken back.
/// </remarks>
internal sealed class A2AFold(RunAddress run)
{
    private const string Answer = "answer";
    private const string Agent = "ROLE_AGENT";

    private readonly OrderedDictionary<ToolCallId, ToolApprovalRequired> _questions = [];
    private readonly OrderedDictionary<StepId, A2AMessage> _said = [];
    private readonly StringBuilder _answer = new();
    private StepId? _answerStep;
    private A2AMessage? _asked;
    private A2AStatus _status = new(A2AState.Submitted);
    private A2AMetadata? _metadata;

    /// <summary>Whether the task has ended.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Whether it waits for a person.</summary>
    public bool IsAsking => _questions.Count > 0;

    /// <summary>The task as it stands.</summary>
    public A2ATask Task => new(run.ToString(), run.SessionId.Value, IsAsking && !IsOver ? Asking : _status)
    {
        Artifacts = _answer.Length > 0 ? [ArtifactOf(_answer.ToString())] : null,
        History = _asked is null ? null : [_asked, .. _said.Values],
        Metadata = _metadata,
    };

    /// <summary>Says that the task waits, and for what.</summary>
    public A2AUpdate Question => Update(Asking);

    /// <summary>What an event comes to.</summary>
    public List<A2AUpdate> Take(in RunEvent runEvent)
    {
        var time = runEvent.Timestamp.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        switch (runEvent.Event)
        {
            case RunQueued queued:
                _asked = new A2AMessage(queued.MessageId.Value, "ROLE_USER", [new A2APart { Text = queued.Message }])
                {
                    ContextId = run.SessionId.Value,
                    TaskId = run.ToString(),
                };
                _status = new A2AStatus(A2AState.Submitted) { Timestamp = time };
                return [];
            case RunStarted:
                return [Work(time)];
            case StepDelta { ParentStepId: null, StepType: DeltaType.Answer } delta:
                return Grow(delta);
            case ReasoningStep { ParentStepId: null, StepType: StepType.FinalAnswer } step when step.StepId == _answerStep:
                return [Artifact("", append: true, lastChunk: true)];
            case ReasoningStep step:
                return Tell(step, time);
            case StepSuperseded superseded:
                return TakeBack(superseded.StepIds);
            case ToolApprovalRequired { ClientTool: not true } required:
                _questions[required.ToolCallId] = required;
                return [];
            case ToolApprovalResolved resolved:
                _questions.Remove(resolved.ToolCallId);
                return [];
            case RunFinished finished:
                return [End(finished, time)];
            default:
                return [];
        }
    }

    private A2AStatus Asking => new(A2AState.InputRequired)
    {
        Message = Say(
            $"{run.RunId}-question",
            [.. _questions.Values.SelectMany(question => new[] { Text(SentenceOf(question)), Data(CallOf(question)) })]),
        Timestamp = _status.Timestamp,
    };

    private static string SentenceOf(ToolApprovalRequired question)
        => $"{question.ToolName} asks before it runs, with {question.Arguments?.GetRawText() ?? "{}"}. Answer yes or no.";

    private static A2ACall CallOf(ToolApprovalRequired question) => new(question.ToolCallId.Value)
    {
        ToolName = question.ToolName,
        Arguments = question.Arguments,
        ExpiresAt = question.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    };

    private static A2APart Text(string text) => new() { Text = text };

    private static A2APart Data(A2ACall call) => new() { Data = JsonSerializer.SerializeToElement(call, A2AJson.Wire.A2ACall) };

    private static A2AArtifact ArtifactOf(string text) => new(Answer, Answer, [Text(text)]);

    private List<A2AUpdate> Grow(StepDelta delta)
    {
        var isNew = _answerStep != delta.StepId;
        if (isNew)
        {
            _answerStep = delta.StepId;
            _answer.Clear();
        }

        _answer.Append(delta.Delta);
        return delta.Delta.Length == 0 && !isNew ? [] : [Artifact(delta.Delta, append: !isNew)];
    }

    private List<A2AUpdate> TakeBack(IReadOnlyList<StepId> steps)
    {
        foreach (var step in steps)
        {
            _said.Remove(step);
        }

        if (_answerStep is not { } answer || !steps.Contains(answer))
        {
            return [];
        }

        _answerStep = null;
        _answer.Clear();
        return [Artifact("", append: false)];
    }

    // What streamed as the answer may turn out to be a thought before a call.
    private List<A2AUpdate> Tell(ReasoningStep step, string time)
    {
        List<A2AUpdate> updates = step.StepType == StepType.Thought && step.StepId == _answerStep ? TakeBack([step.StepId]) : [];
        var (type, part) = step switch
        {
            { StepType: StepType.Thought } => ("thought", Text(step.Content)),
            { StepType: StepType.ToolUse, ToolCallId: { } call } => (
                "tool_use", Data(new A2ACall(call.Value) { ToolName = step.ToolName, Arguments = step.Arguments })),
            { StepType: StepType.ToolResult, ToolCallId: { } call } => (
                "tool_result", Data(new A2ACall(call.Value) { Content = step.Content, IsError = step.IsError })),
            _ => ("", null),
        };
        if (part is not null)
        {
            var message = Say(step.StepId.Value, [part]) with
            {
                Metadata = new A2AMetadata { Type = type, Agent = step.ParentStepId is null ? null : step.AgentName },
            };
            _said[step.StepId] = message;
            updates.Add(Work(time, message));
        }

        return updates;
    }

    private A2AUpdate Work(string time, A2AMessage? message = null)
    {
        _status = new A2AStatus(A2AState.Working) { Timestamp = time };
        return Update(_status with { Message = message });
    }

    private A2AUpdate End(RunFinished finished, string time)
    {
        IsOver = true;
        var state = finished.Status switch
        {
            RunStatus.Completed => A2AState.Completed,
            RunStatus.Cancelled => A2AState.Canceled,
            _ => A2AState.Failed,
        };
        _status = new A2AStatus(state)
        {
            Message = finished.Status == RunStatus.Failed
                ? Say($"{run.RunId}-error", [Text(finished.Error ?? "The run failed.")])
                : null,
            Timestamp = time,
        };
        _metadata = new A2AMetadata { ErrorCode = finished.ErrorCode, Usage = UsageOf(finished.Usage) };
        var update = Update(_status);
        return update with { StatusUpdate = update.StatusUpdate! with { Metadata = _metadata } };
    }

    private A2AMessage Say(string id, IReadOnlyList<A2APart> parts)
        => new(id, Agent, parts) { ContextId = run.SessionId.Value, TaskId = run.ToString() };

    private A2AUpdate Update(A2AStatus status)
        => new() { StatusUpdate = new A2AStatusUpdate(run.ToString(), run.SessionId.Value, status) };

    private A2AUpdate Artifact(string text, bool append, bool lastChunk = false) => new()
    {
        ArtifactUpdate = new A2AArtifactUpdate(run.ToString(), run.SessionId.Value, ArtifactOf(text))
        {
            Append = append,
            LastChunk = lastChunk,
        },
    };

    private static A2AUsage? UsageOf(TokenUsage? usage) => usage is null
        ? null
        : new A2AUsage
        {
            Model = usage.Model,
            InputTokens = usage.InputTokens,
            OutputTokens = usage.OutputTokens,
            TotalTokens = usage.TotalTokens,
            ReasoningTokens = usage.ReasoningTokens,
            CachedInputTokens = usage.CachedTokens,
        };
}

/// <summary>The states of a task, as far as runs have them.</summary>
internal static class A2AState
{
    public const string Submitted = "TASK_STATE_SUBMITTED";
    public const string Working = "TASK_STATE_WORKING";
    public const string InputRequired = "TASK_STATE_INPUT_REQUIRED";
    public const string Completed = "TASK_STATE_COMPLETED";
    public const string Failed = "TASK_STATE_FAILED";
    public const string Canceled = "TASK_STATE_CANCELED";
}
