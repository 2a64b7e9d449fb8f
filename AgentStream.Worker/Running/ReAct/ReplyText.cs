using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Running.Checkpoints;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>What a recorded reply said, its signed thoughts at the places where they stood.</summary>
internal static class ReplyText
{
    public static IEnumerable<AIContent> Contents(ReplyRecorded reply, bool withThoughts)
    {
        var start = 0;
        foreach (var thought in withThoughts ? reply.Thoughts ?? [] : [])
        {
            var end = Math.Clamp(thought.Position, start, reply.Text.Length);
            if (end > start)
            {
                yield return new TextContent(reply.Text[start..end]);
                start = end;
            }

            yield return OpaqueThought.Create(thought.Origin, thought.Data);
        }

        if (start < reply.Text.Length)
        {
            yield return new TextContent(reply.Text[start..]);
        }
    }
}
