using System.Buffers;
using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>One run as the chunks of one message, whose id is the run's: a client that comes back replaces what it has of it.</summary>
/// <remarks>
/// What an agent says inside a call of another is left out: the protocol has no words for it. The call's result has its answer.
/// </remarks>
internal sealed class UiMessageTranslation(SessionId sessionId, RunId runId) : IRunTranslation
{
    private readonly Dictionary<StepId, UiText> _open = [];
    private readonly HashSet<ToolCallId> _calls = [];
    private readonly HashSet<ToolCallId> _edited = [];
    private readonly HashSet<ToolCallId> _refused = [];

    // Those that the client executes, and those of them of which it has the result.
    private readonly HashSet<ToolCallId> _clientCalls = [];
    private readonly HashSet<ToolCallId> _known = [];
    private readonly OrderedDictionary<ToolCallId, ToolApprovalRequired> _questions = [];

    // What the client has of the step that is open: it has to be said again where something of it is taken back.
    private readonly List<UiSaid> _step = [];
    private int _iteration;
    private bool _isSilent;

    // What was there when a client came back, until all of it is known: it is not told what was taken back since.
    private List<RunEvent>? _past;
    private Cursor? _position;

    public bool IsOver { get; private set; }

    /// <summary>Takes in what the client has already, and goes on in the same message.</summary>
    /// <param name="past">The events.</param>
    /// <param name="answered">The questions that are answered with this request.</param>
    public void GoOn(IEnumerable<RunEvent> past, IEnumerable<ToolCallId> answered)
    {
        _isSilent = true;
        foreach (var runEvent in past)
        {
            Take(runEvent, new ArrayBufferWriter<byte>());
        }

        // What comes is another step of the message.
        (_isSilent, _iteration) = (false, 0);
        _step.Clear();
        _calls.UnionWith(_questions.Keys);
        foreach (var call in answered)
        {
            if (_questions.Remove(call) && _clientCalls.Contains(call))
            {
                _known.Add(call);
            }
        }
    }

    public void Begin(IBufferWriter<byte> to)
    {
        Emit(
            new UiChunk("start")
            {
                MessageId = runId.Value,
                MessageMetadata = new UiMetadata { SessionId = sessionId.Value, RunId = runId.Value },
            },
            to);

        // Of several questions, some may not be answered yet.
        if (_past is null)
        {
            Pause(to);
        }
    }

    /// <summary>Leaves out what was taken back before all was told that is there: its client comes back.</summary>
    public UiMessageTranslation ComeBack()
    {
        _past = [];
        return this;
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        if (_past is not null)
        {
            _past.Add(runEvent);
            if (runEvent.Event is RunFinished)
            {
                CatchUp(to);
            }
        }
        else
        {
            Take(runEvent, to);
        }
    }

    private void Take(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        _position = runEvent.Position;
        switch (runEvent.Event)
        {
            case StepDelta { ParentStepId: null, StepType: DeltaType.Thought or DeltaType.Answer } delta:
                Text(delta, to);
                break;
            case ReasoningStep { ParentStepId: null, StepType: StepType.Thought or StepType.FinalAnswer } step:
                Close(step.StepId, to);
                break;
            case ReasoningStep { ParentStepId: null, StepType: StepType.ToolUse, ToolCallId: { } call } step:
                Call(step.StepId, call, step.ToolName, step.Arguments, step.Iteration, to);
                break;
            case ReasoningStep { ParentStepId: null, StepType: StepType.ToolResult, ToolCallId: { } call } step:
                Result(step, call, to);
                break;
            case StepSuperseded superseded:
                TakeBack(superseded.StepIds, to);
                break;
            case ToolApprovalRequired required:
                _questions[required.ToolCallId] = required;
                if (required.ClientTool is true)
                {
                    _clientCalls.Add(required.ToolCallId);
                }

                break;
            case ToolApprovalResolved resolved:
                Resolve(resolved);
                break;
            case RunFinished finished:
                Finish(finished, to);
                break;
            default:
                break;
        }
    }

    public void Pause(IBufferWriter<byte> to)
    {
        CatchUp(to);
        if (_questions.Count == 0)
        {
            return;
        }

        foreach (var question in _questions.Values)
        {
            var call = question.ToolCallId;
            Call(step: null, call, question.ToolName, question.Arguments, Math.Max(1, _iteration), to);
            if (question.ClientTool is not true)
            {
                Emit(new UiChunk("tool-approval-request") { ApprovalId = call.Value, ToolCallId = call.Value }, to);
            }
        }

        CloseAll(to);
        Emit(new UiChunk("finish") { FinishReason = "tool-calls" }, to);
        End(to);
    }

    public void Beat(IBufferWriter<byte> to) => ServerSentEvent.Comment(to);

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        Emit(new UiChunk("error") { ErrorText = why.Message }, to);
        End(to);
    }

    private void CatchUp(IBufferWriter<byte> to)
    {
        if (_past is not { } past)
        {
            return;
        }

        _past = null;
        var gone = past.Select(one => one.Event).OfType<StepSuperseded>().SelectMany(one => one.StepIds).ToHashSet();
        foreach (var runEvent in past)
        {
            var isGone = runEvent.Event switch
            {
                StepDelta delta => gone.Contains(delta.StepId),
                ReasoningStep step => gone.Contains(step.StepId),
                _ => false,
            };
            if (!isGone)
            {
                Take(runEvent, to);
            }
        }
    }

    private void Text(StepDelta delta, IBufferWriter<byte> to)
    {
        if (!_open.TryGetValue(delta.StepId, out var text))
        {
            EnterStep(delta.Iteration, to);
            text = new UiText(delta.StepType == DeltaType.Thought ? "reasoning" : "text");
            _open.Add(delta.StepId, text);
            _step.Add(new UiSaid(delta.StepId, text, null));
            Emit(new UiChunk($"{text.Kind}-start") { Id = delta.StepId.Value }, to);
        }

        if (delta.Delta.Length > 0)
        {
            text.Content.Append(delta.Delta);
            Emit(new UiChunk($"{text.Kind}-delta") { Id = delta.StepId.Value, Delta = delta.Delta }, to);
        }
    }

    private void Close(StepId step, IBufferWriter<byte> to)
    {
        if (_open.Remove(step, out var text))
        {
            Emit(new UiChunk($"{text.Kind}-end") { Id = step.Value }, to);
        }
    }

    private void Call(StepId? step, ToolCallId call, string? name, JsonElement? arguments, int iteration, IBufferWriter<byte> to)
    {
        if (!_calls.Add(call) && !_edited.Remove(call))
        {
            return;
        }

        EnterStep(iteration, to);
        var chunk = new UiChunk("tool-input-available")
        {
            ToolCallId = call.Value,
            ToolName = name ?? "",
            Input = arguments ?? JsonElement.Parse("{}"),
            // What a chat executes itself it knows by its name.
            Dynamic = _clientCalls.Contains(call) ? null : true,
        };
        _step.Add(new UiSaid(step, null, chunk));
        Emit(chunk, to);
    }

    private void Result(ReasoningStep step, ToolCallId call, IBufferWriter<byte> to)
    {
        if (!_calls.Contains(call) || (_known.Contains(call) && !_refused.Contains(call)))
        {
            return;
        }

        var chunk = _refused.Contains(call) && !_clientCalls.Contains(call) ? new UiChunk("tool-output-denied") { ToolCallId = call.Value }
            : step.IsError == true ? new UiChunk("tool-output-error") { ToolCallId = call.Value, ErrorText = step.Content }
            : new UiChunk("tool-output-available")
            {
                ToolCallId = call.Value,
                Output = _clientCalls.Contains(call) ? UiOutput.Of(step.Content) : UiOutput.OfText(step.Content),
            };
        _step.Add(new UiSaid(step.StepId, null, chunk));
        Emit(chunk, to);
    }

    private void Resolve(ToolApprovalResolved resolved)
    {
        _questions.Remove(resolved.ToolCallId);
        if (!resolved.Approved)
        {
            _refused.Add(resolved.ToolCallId);
        }
        else if (resolved.Edited == true && _calls.Contains(resolved.ToolCallId))
        {
            _edited.Add(resolved.ToolCallId);
        }
    }

    // A step of the client's ends at the next reply: what is taken back is the reply that is under way.
    private void TakeBack(IReadOnlyList<StepId> steps, IBufferWriter<byte> to)
    {
        foreach (var step in steps)
        {
            _open.Remove(step);
        }

        if (_step.RemoveAll(said => said.Step is { } step && steps.Contains(step)) == 0)
        {
            return;
        }

        Emit(new UiChunk("reset-step"), to);
        foreach (var said in _step)
        {
            if (said.Chunk is { } chunk)
            {
                Emit(chunk, to);
                continue;
            }

            var (id, text) = (said.Step!.Value.Value, said.Text!);
            Emit(new UiChunk($"{text.Kind}-start") { Id = id }, to);
            Emit(new UiChunk($"{text.Kind}-delta") { Id = id, Delta = text.Content.ToString() }, to);
            if (!_open.ContainsKey(said.Step.Value))
            {
                Emit(new UiChunk($"{text.Kind}-end") { Id = id }, to);
            }
        }
    }

    private void EnterStep(int iteration, IBufferWriter<byte> to)
    {
        if (iteration == _iteration)
        {
            return;
        }

        if (_iteration != 0)
        {
            Emit(new UiChunk("finish-step"), to);
        }

        _iteration = iteration;
        _step.Clear();
        Emit(new UiChunk("start-step"), to);
    }

    private void CloseAll(IBufferWriter<byte> to)
    {
        foreach (var step in _open.Keys.ToList())
        {
            Close(step, to);
        }

        if (_iteration != 0)
        {
            Emit(new UiChunk("finish-step"), to);
        }
    }

    private void Finish(RunFinished finished, IBufferWriter<byte> to)
    {
        CloseAll(to);
        if (finished.Status == RunStatus.Failed)
        {
            Emit(new UiChunk("error") { ErrorText = finished.Error ?? "The run failed." }, to);
        }
        else if (finished.Status == RunStatus.Cancelled)
        {
            Emit(new UiChunk("abort") { Reason = "cancelled" }, to);
        }
        else
        {
            Emit(new UiChunk("finish") { FinishReason = "stop", MessageMetadata = MetadataOf(finished.Usage) }, to);
        }

        End(to);
    }

    private UiMetadata MetadataOf(TokenUsage? usage) => new()
    {
        SessionId = sessionId.Value,
        RunId = runId.Value,
        Model = usage?.Model,
        Usage = usage is null
            ? null
            : new UiUsage
            {
                InputTokens = usage.InputTokens,
                OutputTokens = usage.OutputTokens,
                TotalTokens = usage.TotalTokens,
                ReasoningTokens = usage.ReasoningTokens,
                CachedInputTokens = usage.CachedTokens,
            },
    };

    private void End(IBufferWriter<byte> to)
    {
        IsOver = true;
        if (!_isSilent)
        {
            to.Write("data: [DONE]\n\n"u8);
        }
    }

    private void Emit(UiChunk chunk, IBufferWriter<byte> to)
    {
        if (!_isSilent)
        {
            ServerSentEvent.Write(to, chunk, UiMessageJson.Wire.UiChunk, _position);
        }
    }
}
