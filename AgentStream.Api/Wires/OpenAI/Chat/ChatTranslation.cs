using System.Buffers;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>A chat completion as a stream.</summary>
/// <param name="fold">The completion.</param>
/// <param name="ended">The events of a run that the log does not tell any more; <c>null</c>: it does.</param>
internal sealed class ChatTranslation(IChatFold fold, IReadOnlyList<RunEvent>? ended = null) : IRunTranslation
{
    private bool _isBroken;

    public bool IsOver => _isBroken || fold.IsOver;

    public void Begin(IBufferWriter<byte> to)
    {
        foreach (var runEvent in ended ?? [])
        {
            Write(runEvent, to);
        }
    }

    public void Write(in RunEvent runEvent, IBufferWriter<byte> to)
    {
        var hasFailed = false;
        foreach (var chunk in fold.Take(runEvent.Event))
        {
            hasFailed |= chunk.Error is not null;
            Write(chunk, to);
        }

        if (fold.IsOver && !hasFailed)
        {
            to.Write("data: [DONE]\n\n"u8);
        }
    }

    public void Beat(IBufferWriter<byte> to) => ServerSentEvent.Comment(to);

    public void Break(Refusal why, IBufferWriter<byte> to)
    {
        _isBroken = true;
        Write(new ChatChunk { Error = OpenAIError.Of(why) }, to);
    }

    private static void Write(ChatChunk chunk, IBufferWriter<byte> to) => ServerSentEvent.Write(to, chunk, OpenAIJson.Wire.ChatChunk);
}
