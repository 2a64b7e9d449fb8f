using System.Globalization;
using System.Text;

namespace AgentStream.Messaging.Attachments;

/// <summary>What a sender called a file, made harmless: no path, nothing that can't be seen or that turns other text around.</summary>
internal static class AttachmentName
{
    public const int MaxLength = 120;
    private const string None = "attachment";

    /// <summary>The name as it is kept.</summary>
    /// <param name="said">What the sender says.</param>
    public static string Of(string? said)
    {
        var name = new StringBuilder();
        foreach (var rune in (said ?? "").Split('/', '\\')[^1].EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator) && rune != Rune.ReplacementChar)
            {
                name.Append(rune);
            }
        }

        var kept = Shorten(name.ToString().Trim(' ', '.'));
        return kept.Length == 0 ? None : kept;
    }

    // The end stays: it says what kind of file it is.
    private static string Shorten(string name)
    {
        if (name.Length <= MaxLength)
        {
            return name;
        }

        var end = Path.GetExtension(name) is { Length: <= 10 } extension ? extension : "";
        var begin = name[..(MaxLength - end.Length - 1)];
        return (char.IsHighSurrogate(begin[^1]) ? begin[..^1] : begin) + "…" + end;
    }
}
