using System.Text.RegularExpressions;

namespace AgentStream.Messaging.Transcript;

/// <summary>The title of a session until a person gives it one.</summary>
internal static partial class TitleOfMessage
{
    private const int MaxLength = 80;

    /// <summary>The beginning of the first message: one line of at most 80 characters.</summary>
    public static string From(string message)
    {
        // More than this can't be seen, and a message may be megabytes long.
        var beginning = message.Length > 4 * MaxLength ? message[..(4 * MaxLength)] : message;
        var line = Gaps().Replace(beginning, " ").Trim();
        if (line.Length <= MaxLength && beginning.Length == message.Length)
        {
            return line;
        }

        var cut = Math.Min(line.Length, MaxLength - 1);
        if (cut > 0 && char.IsHighSurrogate(line[cut - 1]))
        {
            cut--;
        }

        return line[..cut].TrimEnd() + "…";
    }

    [GeneratedRegex(@"[\s\p{C}-[\p{Cs}]]+")]
    private static partial Regex Gaps();
}
