using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>One run in the events of AG-UI. What it writes up to anywhere passes the client's own verifier.</summary>
/// <remarks>
/// Text that is taken back, or turns out to be something else, is put right with MESSAGES_SNAPSHOT, the wire's own reset.
/// A client that comes back gets one as well: right whatever it had.
/// </remarks>
internal sealed partial class AgUiTranslation(AgUiThread thread, RunId runId) : IRunTranslation
{
    private const string Reasoning = "reasoning";
    private const string Assistant = "assistant";

    private static readonly JsonElement ResponseSchema = JsonElement.Parse(
        """
        {
          "type": "object",
          "properties": { "approved": { "type": "boolean" }, "editedArgs": { "type": "object" }, "reason": { "type": "string" } },
          "required": ["approved"]
        }
        """);

    private readonly AgUiConversation _conversation = new();

    // What is open now, with what it was opened as.
    private readonly OrderedDictionary<StepId, (string Role, string? Subagent)> _open = [];
    private readonly OrderedDictionary<StepId, AgUiSubagent> _subagents = [];
    private readonly HashSet<StepId> _subagentsBefore = [];
    private readonly Dictionary<StepId, string> _calls = [];
    private readonly OrderedDictionary<ToolCallId, ToolApprovalRequired> _questions = [];
    private readonly HashSet<ToolCallId> _answered = [];

    // Those that the client executes.
    private readonly HashSet<string> _clientCalls = [];

    private Cursor? _position;
    private DateTimeOffset? _time;
    private bool _isBack;
    private bool _isSilent;
    private AgUiEvent? _end;

    public bool IsOver => _end is not null;

    /// <summary>Takes in what was said before this response, of which its client may have any part.</summary>
    /// <param name="past">The events.</param>
    /// <param name="answered">The questions that are answered with this request.</param>
    public void ComeBack(IEnumerable<RunEvent> past, IEnumerable<ToolCallId> answered)
    {
        (_isBack, _isSilent) = (true, true);
        foreach (var runEvent in past)
        {
            Take(runEvent, new ArrayBufferWriter<byte>());
        }

        _isSilent = false;
        _answered.UnionWith(answered);
        foreach (var (call, result) in thread.Results.Where(one => _clientCalls.Contains(one.Key) && !_conversation.HasResult(one.Key)))
        {
            _conversation.Result(result.Id, call, result.Content, subagent: null);
        }
    }

    public void Begin(IBufferWriter<byte> to)
    {
        var end = _end;
        Emit(
            new AgUiEvent("RUN_STARTED")
            {
                ThreadId = thread.ThreadId,
                RunId = thread.RunId,
                ProtocolVersion = "1.0",
                Metadata = Origin,
            },
            to);
        if (!_isBack)
        {
            return;
        }

        Snapshot(to);
        foreach (var subagent in _subagents.Values)
        {
            Emit(subagent.Started, to);
        }

        foreach (var (step, (role, subagent)) in _open)
        {
            Start(step, role, subagent, to);
        }

        if (end is not null)
        {
            Emit(end with { Metadata = Origin }, to);
        }
        else
        {
            Pause(to);
        }
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to) => Take(runEvent, to);

    public void Pause(IBufferWriter<byte> to)
    {
        var questions = _questions.Values.Where(question => !_answered.Contains(question.ToolCallId)).ToList();
        if (questions.Count == 0)
        {
            return;
        }

        var interrupts = questions.Where(question => question.ClientTool is not true).Select(InterruptOf).ToList();
        CloseAll(new AgUiOutcome("suspended"), to);
        End(
            new AgUiEvent("RUN_FINISHED")
            {
                ThreadId = thread.ThreadId,
                RunId = thread.RunId,
                Outcome = interrupts.Count > 0
                    ? new AgUiOutcome("interrupt") { Interrupts = interrupts }
                    : new AgUiOutcome("success") { PendingToolCallIds = [.. questions.Select(question => question.ToolCallId.Value)] },
            },
            to);
    }

    public void Beat(IBufferWriter<byte> to) => ServerSentEvent.Comment(to);

    public void Break(Refusal why, IBufferWriter<byte> to)
        => End(new AgUiEvent("RUN_ERROR") { Message = why.Message, Code = why.Code }, to);

    private AgUiMetadata Origin => new(new AgUiOrigin(
        thread.SessionId.Value, runId.Value, _position is { } position ? $"{position.Epoch}:{position.After}" : null));

    private void Take(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        (_position, _time) = (runEvent.Position, runEvent.Timestamp);
        switch (runEvent.Event)
        {
            case StepDelta { StepType: DeltaType.Thought or DeltaType.Answer } delta:
                Text(delta, to);
                break;
            case ReasoningStep { StepType: StepType.Thought or StepType.FinalAnswer } step:
                Settle(step, to);
                break;
            case ReasoningStep { StepType: StepType.ToolUse, ToolCallId: { } call } step:
                _calls[step.StepId] = call.Value;
                Call(call, step.ToolName ?? "", step.Arguments, SubagentOf(step.ParentStepId, step.AgentName, to), to);
                break;
            case ReasoningStep { StepType: StepType.ToolResult, ToolCallId: { } call } step:
                Result(step, call, to);
                break;
            case StepSuperseded superseded:
                TakeBack(superseded.StepIds, to);
                break;
            case ToolApprovalRequired required:
                _questions[required.ToolCallId] = required;
                if (required.ClientTool is true)
                {
                    _clientCalls.Add(required.ToolCallId.Value);
                }

                Call(required.ToolCallId, required.ToolName, required.Arguments, subagent: null, to);
                break;
            case ToolApprovalResolved resolved:
                _questions.Remove(resolved.ToolCallId);
                break;
            case RunFinished finished:
                Finish(finished, to);
                break;
            default:
                break;
        }
    }

    private void Text(StepDelta delta, IBufferWriter<byte> to)
    {
        var id = delta.StepId.Value;
        if (!_open.TryGetValue(delta.StepId, out var open))
        {
            open = (delta.StepType == DeltaType.Thought ? Reasoning : Assistant, SubagentOf(delta.ParentStepId, delta.AgentName, to));
            _open.Add(delta.StepId, open);
            _conversation.Open(id, open.Role, open.Subagent);
            Start(delta.StepId, open.Role, open.Subagent, to);
        }

        if (delta.Delta.Length > 0)
        {
            _conversation.Append(id, delta.Delta);
            var type = open.Role == Reasoning ? "REASONING_MESSAGE_CONTENT" : "TEXT_MESSAGE_CONTENT";
            Emit(new AgUiEvent(type) { MessageId = id, Delta = delta.Delta, SubagentRunId = open.Subagent }, to);
        }
    }

    private void Settle(ReasoningStep step, IBufferWriter<byte> to)
    {
        if (!_open.Remove(step.StepId, out var open))
        {
            return;
        }

        Stop(step.StepId, open.Role, open.Subagent, to);
        var role = step.StepType == StepType.Thought ? Reasoning : Assistant;
        if (role != open.Role)
        {
            // What streamed as an answer was a thought before a tool call.
            _conversation.Become(step.StepId.Value, role);
            Snapshot(to);
        }
    }

    private void Call(ToolCallId call, string name, JsonElement? arguments, string? subagent, IBufferWriter<byte> to)
    {
        var id = call.Value;
        var text = AgUiConversation.Text(arguments);
        if (_conversation.Has(id))
        {
            if (_conversation.Call(id, name, text, subagent))
            {
                // A person has changed the arguments.
                Snapshot(to);
            }

            return;
        }

        _conversation.Call(id, name, text, subagent);
        Emit(new AgUiEvent("TOOL_CALL_START") { ToolCallId = id, ToolCallName = name, SubagentRunId = subagent }, to);
        Emit(new AgUiEvent("TOOL_CALL_ARGS") { ToolCallId = id, Delta = text, SubagentRunId = subagent }, to);
        Emit(new AgUiEvent("TOOL_CALL_END") { ToolCallId = id, SubagentRunId = subagent }, to);
    }

    private void Result(ReasoningStep step, ToolCallId call, IBufferWriter<byte> to)
    {
        foreach (var (id, ended) in _subagents.Where(subagent => subagent.Value.Call == call.Value).ToList())
        {
            EndSubagent(id, ended, step.IsError == true ? step.Content : null, new AgUiOutcome("success"), to);
        }

        var within = _conversation.Has(call.Value)
            ? _conversation.OwnerOf(call.Value)
            : SubagentOf(step.ParentStepId, step.AgentName, to);
        if (_clientCalls.Contains(call.Value) && thread.Results.TryGetValue(call.Value, out var known))
        {
            // The client has given it, and it counts, unless somebody else was faster.
            if (_conversation.Result(known.Id, call.Value, step.Content, within))
            {
                Snapshot(to);
            }

            return;
        }

        _conversation.Result(step.StepId.Value, call.Value, step.Content, within);
        Emit(
            new AgUiEvent("TOOL_CALL_RESULT")
            {
                MessageId = step.StepId.Value,
                ToolCallId = call.Value,
                Content = step.Content,
                Role = "tool",
                SubagentRunId = within,
            },
            to);
    }

    private void TakeBack(IReadOnlyList<StepId> steps, IBufferWriter<byte> to)
    {
        var wasShown = false;
        foreach (var step in steps)
        {
            if (_open.Remove(step, out var open))
            {
                Stop(step, open.Role, open.Subagent, to);
            }

            wasShown |= _conversation.Remove(_calls.GetValueOrDefault(step) ?? step.Value);
        }

        if (wasShown)
        {
            Snapshot(to);
        }
    }

    private void Finish(RunFinished finished, IBufferWriter<byte> to)
    {
        CloseAll(new AgUiOutcome("success"), to);
        AgUiUsage[]? usage = finished.Usage is { } tokens ? [UsageOf(tokens)] : null;
        End(
            finished.Status == RunStatus.Failed
                ? new AgUiEvent("RUN_ERROR") { Message = finished.Error ?? "The run failed.", Code = finished.ErrorCode, Usage = usage }
                : new AgUiEvent("RUN_FINISHED")
                {
                    ThreadId = thread.ThreadId,
                    RunId = thread.RunId,
                    Outcome = new AgUiOutcome(finished.Status == RunStatus.Completed ? "success" : "cancelled"),
                    Usage = usage,
                },
            to);
    }

    private static AgUiUsage UsageOf(TokenUsage usage) => new()
    {
        Model = usage.Model,
        InputTokens = usage.InputTokens,
        OutputTokens = usage.OutputTokens,
        TotalTokens = usage.TotalTokens,
        ReasoningTokens = usage.ReasoningTokens,
        CachedInputTokens = usage.CachedTokens,
    };

    private static AgUiInterrupt InterruptOf(ToolApprovalRequired question) => new(question.ToolCallId.Value)
    {
        Message = $"{question.ToolName} asks before it runs.",
        ToolCallId = question.ToolCallId.Value,
        ResponseSchema = ResponseSchema,
        ExpiresAt = question.ExpiresAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
    };
}
