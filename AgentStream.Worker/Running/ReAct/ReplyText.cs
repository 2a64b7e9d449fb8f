using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Running.Checkpoints;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>The content of a recorded reply, with what its model wants back at the places where it stood.</summary>
internal static class ReplyText
{
    public static IEnumerable<AIContent> Contents(ReplyRecorded reply, bool withThoughts)
    {
        // A reply of white space says nothing, and there are servers that refuse it.
        var text = string.IsNullOrWhiteSpace(reply.Text) ? "" : reply.Text;
        var start = 0;
        foreach (var thought in withThoughts ? reply.Thoughts ?? [] : [])
        {
            var end = Math.Clamp(thought.Position, start, text.Length);
            if (end > start)
            {
                yield return new TextContent(text[start..end]);
                start = end;
            }

            yield return OpaqueThought.Create(thought.Origin, thought.Data);
        }

        if (start < text.Length)
        {
            yield return new TextContent(text[start..]);
        }
    }
}
