using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Commands;

/// <summary>Rules for a history that a client supplies.</summary>
internal static class HistoryRules
{
    public const int MaxMessages = 200;

    /// <summary>UTF-16 characters of all messages together: more than models read, and well within a frame.</summary>
    public const int MaxCharacters = 256_000;

    private static readonly string[] Roles = ["user", "assistant"];

    /// <summary>Says what is wrong with it, in a sentence; null: nothing.</summary>
    public static string? ProblemOf(IReadOnlyList<HistoryMessage>? history)
    {
        if (history is null)
        {
            return null;
        }

        if (history.Count > MaxMessages)
        {
            return $"history has {history.Count} messages; {MaxMessages} are allowed. Leave out the oldest.";
        }

        // A list may have null in it, whatever its type says.
        if (history.Any(message => message is null || !Roles.Contains(message.Role) || string.IsNullOrWhiteSpace(message.Content)))
        {
            return "history takes objects with role (user or assistant) and content (text that is not blank).";
        }

        var characters = history.Sum(message => message.Content!.Length);
        return characters > MaxCharacters
            ? $"history has {characters} characters; {MaxCharacters} are allowed. Leave out the oldest."
            : null;
    }
}
