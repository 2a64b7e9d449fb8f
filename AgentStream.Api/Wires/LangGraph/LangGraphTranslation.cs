using System.Buffers;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>One run as the events of LangGraph's API, each at a place of its own: the same ones in each replay.</summary>
/// <param name="threadId">The thread.</param>
/// <param name="runId">The run.</param>
/// <param name="modes">What its client wants.</param>
/// <param name="before">The messages before the run's question.</param>
/// <param name="after">The place of the last event that the client has; <c>null</c>: it has none.</param>
/// <param name="goesOn">Whether an answer of the client goes before what it gets.</param>
internal sealed class LangGraphTranslation(
    SessionId threadId, RunId runId, LangGraphModes modes, IReadOnlyList<LangGraphMessage> before, LangGraphPlace? after, bool goesOn)
    : IRunTranslation
{
    private const string Chunk = "AIMessageChunk";
    private const string Agent = "agent";
    private const string Tools = "tools";

    private readonly OrderedDictionary<string, LangGraphMessage> _messages = [];
    private readonly OrderedDictionary<ToolCallId, ToolApprovalRequired> _questions = [];
    private LangGraphPlace _place = new(default, -1);

    // A snapshot stands in for entries, of which nobody knows how much the client has.
    private bool _isRetold;

    public bool IsOver { get; private set; }

    public void Begin(IBufferWriter<byte> to)
    {
        if (goesOn && after is { } place)
        {
            ServerSentEvent.Write(
                to, new LangGraphMetadata(runId.Value, threadId.Value), LangGraphJson.Wire.LangGraphMetadata, place.ToString(), "metadata");
        }
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        if (_place.Position != runEvent.Position)
        {
            _place = new LangGraphPlace(runEvent.Position, -1);
        }

        _isRetold = runEvent.IsRetold && after is not null;
        if (_isRetold && (modes & (LangGraphModes.Updates | LangGraphModes.Values)) == 0)
        {
            // Pieces are all that it wants, and which it lacks can't be told.
            End("error", new LangGraphFailure(ErrorCodes.InvalidCursor, "The pieces that you lack are gone: read the thread."), to);
            return;
        }

        switch (runEvent.Event)
        {
            case RunQueued queued:
                _messages["question"] = new() { Type = "human", Id = queued.MessageId.Value, Content = queued.Message };
                Emit("metadata", new LangGraphMetadata(runId.Value, threadId.Value), LangGraphJson.Wire.LangGraphMetadata, to);
                Values(to);
                break;
            case StepDelta { ParentStepId: null, StepType: DeltaType.Thought or DeltaType.Answer } delta:
                Text(delta, to);
                break;
            case ReasoningStep step when LangGraphConversation.Of(step) is { } message:
                _messages[message.Id!] = message;
                Update(message, step, to);
                break;
            case StepSuperseded superseded:
                TakeBack(superseded.StepIds, to);
                break;
            case ToolApprovalRequired question:
                _questions[question.ToolCallId] = question;
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

    public void Pause(IBufferWriter<byte> to)
    {
        // What the client has answered is not resolved at once.
        if (_questions.Count == 0 || (after is { IsOfAnAnswer: true } place && !_place.IsAfter(place)))
        {
            return;
        }

        IReadOnlyList<LangGraphInterrupt> interrupts = [.. _questions.Values.Select(LangGraphConversation.Of)];
        if (modes.HasFlag(LangGraphModes.Updates))
        {
            Emit("updates", new LangGraphUpdate { Interrupts = interrupts }, LangGraphJson.Wire.LangGraphUpdate, to);
        }

        Values(to, interrupts);
        End("end", null, to);
    }

    public void Beat(IBufferWriter<byte> to) => ServerSentEvent.Comment(to);

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        // No end of the run: its client asks for its status, and comes back.
        if (why.Code == ErrorCodes.ShuttingDown)
        {
            IsOver = true;
            return;
        }

        End("error", new LangGraphFailure(why.Code, why.Message), to);
    }

    private void Text(StepDelta delta, IBufferWriter<byte> to)
    {
        if (!modes.HasFlag(LangGraphModes.MessagesTuple) || delta.Delta.Length == 0 || _isRetold)
        {
            return;
        }

        var isThought = delta.StepType == DeltaType.Thought;
        Tuple(
            new()
            {
                Type = Chunk,
                Id = delta.StepId.Value,
                Content = isThought ? "" : delta.Delta,
                AdditionalKwargs = isThought ? new(delta.Delta) : null,
            },
            Agent,
            delta.Iteration,
            to);
    }

    private void Update(LangGraphMessage message, ReasoningStep step, IBufferWriter<byte> to)
    {
        var isTool = message.Type == LangGraphConversation.Tool;
        if (modes.HasFlag(LangGraphModes.MessagesTuple) && step.StepType is StepType.ToolUse or StepType.ToolResult)
        {
            Tuple(message, isTool ? Tools : Agent, step.Iteration, to);
        }

        if (modes.HasFlag(LangGraphModes.Updates))
        {
            var added = new LangGraphValues([message]);
            Emit(
                "updates", isTool ? new LangGraphUpdate { Tools = added } : new LangGraphUpdate { Agent = added },
                LangGraphJson.Wire.LangGraphUpdate, to);
        }

        Values(to);
    }

    private void TakeBack(IReadOnlyList<StepId> steps, IBufferWriter<byte> to)
    {
        foreach (var step in steps)
        {
            _messages.Remove(step.Value);
        }

        if (modes.HasFlag(LangGraphModes.Updates))
        {
            var gone = steps.Select(step => new LangGraphMessage { Type = "remove", Id = step.Value, Content = "" });
            Emit("updates", new LangGraphUpdate { Agent = new LangGraphValues([.. gone]) }, LangGraphJson.Wire.LangGraphUpdate, to);
        }

        Values(to);
    }

    private void Finish(RunFinished finished, IBufferWriter<byte> to)
    {
        if (_messages.Values.LastOrDefault(message => message.Type == LangGraphConversation.Ai) is { } last && finished.Usage is not null)
        {
            var usage = LangGraphConversation.Of(finished.Usage);
            _messages[last.Id!] = last with { UsageMetadata = usage };
            if (modes.HasFlag(LangGraphModes.MessagesTuple))
            {
                Tuple(new() { Type = Chunk, Id = last.Id, Content = "", UsageMetadata = usage }, Agent, finished.Iterations, to);
            }

            if (modes.HasFlag(LangGraphModes.Updates))
            {
                var added = new LangGraphValues([_messages[last.Id!]]);
                Emit("updates", new LangGraphUpdate { Agent = added }, LangGraphJson.Wire.LangGraphUpdate, to);
            }
        }

        Values(to);
        End(
            finished.Status == RunStatus.Completed ? "end" : "error",
            finished.Status switch
            {
                RunStatus.Completed => null,
                RunStatus.Failed => new(finished.ErrorCode ?? ErrorCodes.InternalError, finished.Error ?? "The run failed."),
                _ => new LangGraphFailure("UserInterrupt", "The run was cancelled."),
            },
            to);
    }

    private void Tuple(LangGraphMessage message, string node, int step, IBufferWriter<byte> to)
        => Emit(
            "messages",
            [message, new() { LanggraphNode = node, LanggraphStep = step, RunId = runId.Value, ThreadId = threadId.Value }],
            LangGraphJson.Wire.LangGraphMessageArray,
            to);

    private void Values(IBufferWriter<byte> to, IReadOnlyList<LangGraphInterrupt>? interrupts = null)
    {
        if (modes.HasFlag(LangGraphModes.Values))
        {
            Emit(
                "values", new LangGraphValues([.. before, .. _messages.Values]) { Interrupts = interrupts },
                LangGraphJson.Wire.LangGraphValues, to);
        }
    }

    // An end is told also to who should have it: nothing may come after it, and nothing may come of it not.
    private void End(string name, LangGraphFailure? failure, IBufferWriter<byte> to)
    {
        IsOver = true;
        _place = _place with { Number = _place.Number + 1 };
        if (failure is null)
        {
            Encoding.UTF8.GetBytes($"event: {name}\nid: {_place}\ndata: null\n\n", to);
        }
        else
        {
            ServerSentEvent.Write(to, failure, LangGraphJson.Wire.LangGraphFailure, _place.ToString(), name);
        }
    }

    private void Emit<T>(string name, T data, JsonTypeInfo<T> typeInfo, IBufferWriter<byte> to)
    {
        _place = _place with { Number = _place.Number + 1 };
        if (_isRetold || after is not { } has || _place.IsAfter(has))
        {
            ServerSentEvent.Write(to, data, typeInfo, _place.ToString(), name);
        }
    }
}
