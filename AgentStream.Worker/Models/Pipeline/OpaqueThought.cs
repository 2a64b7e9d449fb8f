using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// A thought in the form in which its model wants it back beside the results of the tools it called:
/// signed, and of no meaning to anybody else.
/// It is not shown (the words of the thought come as text of their own), but kept in the checkpoint.
/// </summary>
internal static class OpaqueThought
{
    private const string OriginProperty = "origin";

    /// <param name="origin">Provider and model: another one must not get it.</param>
    /// <param name="data">What the provider's client made of it, and can read again.</param>
    public static TextReasoningContent Create(string origin, string data) => new("")
    {
        ProtectedData = data,
        AdditionalProperties = new() { [OriginProperty] = origin },
    };

    public static bool TryRead(AIContent content, out string origin, out string data)
    {
        if (content is TextReasoningContent { ProtectedData: { } found }
            && content.AdditionalProperties?.TryGetValue(OriginProperty, out string? from) == true
            && from is not null)
        {
            (origin, data) = (from, found);
            return true;
        }

        (origin, data) = ("", "");
        return false;
    }
}
