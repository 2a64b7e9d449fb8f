using System.Buffers;
using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.A2A;

/// <summary>One run as a stream of A2A: the task as it stands, then what changes, until it is over or waits for a person.</summary>
internal sealed class A2ATranslation : IRunTranslation
{
    private readonly JsonElement _id;
    private readonly A2AFold _fold;
    private Cursor? _position;

    /// <param name="id">The id of the request that it answers.</param>
    /// <param name="run">The run.</param>
    /// <param name="past">What has come of it so far.</param>
    public A2ATranslation(JsonElement id, RunAddress run, IReadOnlyList<RunEvent> past)
    {
        (_id, _fold) = (id, new A2AFold(run));
        foreach (var runEvent in past)
        {
            _position = runEvent.Position;
            _fold.Take(runEvent);
        }
    }

    public bool IsOver { get; private set; }

    public void Begin(IBufferWriter<byte> to)
    {
        Emit(new A2AUpdate { Task = _fold.Task }, to);
        IsOver = _fold.IsOver || _fold.IsAsking;
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        _position = runEvent.Position;
        foreach (var update in _fold.Take(runEvent))
        {
            Emit(update, to);
        }

        IsOver = _fold.IsOver;
    }

    public void Pause(IBufferWriter<byte> to)
    {
        if (_fold.IsAsking)
        {
            Emit(_fold.Question, to);
            IsOver = true;
        }
    }

    public void Beat(IBufferWriter<byte> to) => ServerSentEvent.Comment(to);

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        IsOver = true;
        Write(new RpcAnswer { Id = _id, Error = A2AErrors.Of(why) }, to);
    }

    private void Emit(A2AUpdate update, IBufferWriter<byte> to)
        => Write(new RpcAnswer { Id = _id, Result = JsonSerializer.SerializeToElement(update, A2AJson.Wire.A2AUpdate) }, to);

    private void Write(RpcAnswer answer, IBufferWriter<byte> to)
        => ServerSentEvent.Write(to, answer, A2AJson.Wire.RpcAnswer, _position);
}
