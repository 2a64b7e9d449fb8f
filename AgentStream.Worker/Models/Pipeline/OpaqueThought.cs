using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// What a model wants back of its own reply and nobody can read for it:
/// a signed thought, or whatever its server sent beside the fields that everybody knows.
/// It is not shown (the words of a thought come as text of their own), but kept in the checkpoint.
/// </summary>
internal static class OpaqueThought
{
    /// <param name="origin">Provider and model: another one must not get it.</param>
    /// <param name="data">What the provider's client made of it, and can read again.</param>
    public static TextReasoningContent Create(string origin, string data)
        => ReplyOrigin.Mark(new TextReasoningContent("") { ProtectedData = data }, origin);

    public static bool TryRead(AIContent content, out string origin, out string data)
    {
        if (content is TextReasoningContent { ProtectedData: { } found } && ReplyOrigin.Of(content) is { } from)
        {
            (origin, data) = (from, found);
            return true;
        }

        (origin, data) = ("", "");
        return false;
    }
}
