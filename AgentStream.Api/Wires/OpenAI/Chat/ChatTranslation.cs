using System.Buffers;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>A chat completion as a stream.</summary>
/// <param name="fold">The completion.</param>
/// <param name="sessionId">The session.</param>
/// <param name="part">What of the run is told.</param>
/// <param name="ended">The events of a run that the log does not tell any more; <c>null</c>: it does.</param>
internal sealed class ChatTranslation(IChatFold fold, SessionId sessionId, RunPart part, IReadOnlyList<RunEvent>? ended = null)
    : IRunTranslation
{
    private bool _isBroken;

    public bool IsOver => _isBroken || fold.IsOver;

    public void Begin(IBufferWriter<byte> to)
    {
        foreach (var runEvent in ended ?? [])
        {
            if (!IsOver)
            {
                Write(runEvent, to);
            }
        }
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        if (part.Take(runEvent.Event))
        {
            Write(fold.Take(runEvent.Event is RunFinished end ? end with { Usage = part.UsageOf(end) } : runEvent.Event), to);
        }
        else
        {
            EndWithCalls(to);
        }
    }

    public void Pause(IBufferWriter<byte> to)
    {
        part.Pause();
        EndWithCalls(to);
    }

    public void Beat(IBufferWriter<byte> to) => ServerSentEvent.Comment(to);

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        _isBroken = true;
        Write(new ChatChunk { Error = OpenAIError.Of(why) }, to);
    }

    private void EndWithCalls(IBufferWriter<byte> to)
    {
        if (part.Calls.Count > 0)
        {
            Write(fold.Ask(ChatToolCall.Of(part.Calls, sessionId, isPiece: true), part.Usage), to);
        }
    }

    private void Write(IReadOnlyList<ChatChunk> chunks, IBufferWriter<byte> to)
    {
        foreach (var chunk in chunks)
        {
            Write(chunk, to);
        }

        if (fold.IsOver && chunks is not [.., { Error: not null }])
        {
            to.Write("data: [DONE]\n\n"u8);
        }
    }

    private static void Write(ChatChunk chunk, IBufferWriter<byte> to) => ServerSentEvent.Write(to, chunk, OpenAIJson.Wire.ChatChunk);
}
