using System.Buffers;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.AgUi;

/// <content>What is opened and closed, and how it is written.</content>
internal sealed partial class AgUiTranslation
{
    private void Start(StepId step, string role, string? subagent, IBufferWriter<byte> to)
    {
        var id = step.Value;
        if (role == Reasoning)
        {
            Emit(new AgUiEvent("REASONING_START") { MessageId = id, SubagentRunId = subagent }, to);
            Emit(new AgUiEvent("REASONING_MESSAGE_START") { MessageId = id, Role = Reasoning, SubagentRunId = subagent }, to);
        }
        else
        {
            Emit(new AgUiEvent("TEXT_MESSAGE_START") { MessageId = id, Role = Assistant, SubagentRunId = subagent }, to);
        }
    }

    private void Stop(StepId step, string role, string? subagent, IBufferWriter<byte> to)
    {
        var id = step.Value;
        if (role == Reasoning)
        {
            Emit(new AgUiEvent("REASONING_MESSAGE_END") { MessageId = id, SubagentRunId = subagent }, to);
            Emit(new AgUiEvent("REASONING_END") { MessageId = id, SubagentRunId = subagent }, to);
        }
        else
        {
            Emit(new AgUiEvent("TEXT_MESSAGE_END") { MessageId = id, SubagentRunId = subagent }, to);
        }
    }

    // The agent that works inside a step, which is told of where it says its first word.
    private string? SubagentOf(StepId? parent, string? name, IBufferWriter<byte> to)
    {
        if (parent is not { } step)
        {
            return null;
        }

        if (!_subagents.ContainsKey(step) && !_subagentsBefore.Contains(step))
        {
            var call = _calls.GetValueOrDefault(step);
            var started = new AgUiEvent("SUBAGENT_STARTED") { SubagentRunId = step.Value, Name = name ?? "", ParentToolCallId = call };
            _subagents.Add(step, new AgUiSubagent(started, call));
            Emit(started, to);
        }

        return step.Value;
    }

    private void EndSubagent(StepId id, AgUiSubagent subagent, string? error, AgUiOutcome outcome, IBufferWriter<byte> to)
    {
        foreach (var (step, open) in _open.Where(open => open.Value.Subagent == id.Value).ToList())
        {
            _open.Remove(step);
            Stop(step, open.Role, open.Subagent, to);
        }

        _subagents.Remove(id);
        _subagentsBefore.Add(id);
        Emit(
            error is null
                ? new AgUiEvent("SUBAGENT_FINISHED") { SubagentRunId = subagent.Started.SubagentRunId, Outcome = outcome }
                : new AgUiEvent("SUBAGENT_ERROR") { SubagentRunId = subagent.Started.SubagentRunId, Message = error },
            to);
    }

    private void CloseAll(AgUiOutcome ofSubagents, IBufferWriter<byte> to)
    {
        foreach (var (id, subagent) in _subagents.Reverse().ToList())
        {
            EndSubagent(id, subagent, error: null, ofSubagents, to);
        }

        foreach (var (step, open) in _open.ToList())
        {
            Stop(step, open.Role, open.Subagent, to);
        }

        _open.Clear();
    }

    // The client's messages up to the question, as they came from it, and those of the run.
    private void Snapshot(IBufferWriter<byte> to)
    {
        if (!_isSilent)
        {
            var messages = thread.Before.Concat(_conversation.Messages()).Concat(_conversation.Emptied(thread.Thoughts));
            Emit(new AgUiEvent("MESSAGES_SNAPSHOT") { Messages = [.. messages] }, to);
        }
    }

    private void End(AgUiEvent end, IBufferWriter<byte> to)
    {
        _end = end;
        Emit(end with { Metadata = Origin }, to);
    }

    private void Emit(AgUiEvent agUiEvent, IBufferWriter<byte> to)
    {
        if (!_isSilent)
        {
            ServerSentEvent.Write(
                to, agUiEvent with { Timestamp = _time?.ToUnixTimeMilliseconds() }, AgUiJson.Wire.AgUiEvent, _position);
        }
    }
}
