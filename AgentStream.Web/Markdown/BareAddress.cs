using System.Text.RegularExpressions;

namespace AgentStream.Web.Markdown;

/// <summary>An address that stands in a text without any marks. The page holds to the same rule (<c>links.js</c>).</summary>
internal static partial class BareAddress
{
    // No address has them, and sentences do. The middle dot of Japanese is left out: titles in addresses have it.
    private const string SentenceMarks = @"\u2014\u201c-\u201f\u2026\u3001-\u3003\u3008-\u3011\u3014-\u301f\ufe10-\ufe19\ufe30-\ufe6b"
        + @"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff64";

    private const string WordsWithoutSpaces =
        @"[\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u318e\u31a0-\u31bf\u31f0-\u31ff"
        + @"\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff\uff66-\uffdc\ud840-\ud8bf]";

    /// <summary>Finds the address that begins at a place of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The place.</param>
    /// <returns>The length of all that could belong to it, and without the punctuation after it; null where there is none.</returns>
    public static (int Found, int Length)? At(string text, int at)
    {
        if (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] is '_' or '/'))
        {
            return null;
        }

        var match = Address().Match(text, at);
        if (!match.Success)
        {
            return null;
        }

        var host = HostBeforeWord().Match(match.Value);
        var found = host.Success ? host.Value : match.Value;
        return (found.Length, WithoutEnd(found).Length);
    }

    private static string WithoutEnd(string address)
    {
        var end = End().Match(address);
        var text = end.Success ? address[..end.Index] : address;
        // A bracket that was opened within the address belongs to it.
        if (end.Success && end.Value[0] == ')' && text.Count('(') > text.Count(')'))
        {
            text += ")";
        }

        while (text.EndsWith(')') && text.Count(')') > text.Count('('))
        {
            text = text[..^1];
        }

        return text;
    }

    private static int Count(this string text, char character) => text.AsSpan().Count(character);

    [GeneratedRegex(@"\G(?:https?://|mailto:|www\.)[^\s<>""`" + SentenceMarks + "]+", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    // A host with its port, right before a word of a script that has no letter in common with it.
    [GeneratedRegex(
        @"^(?:https?://|www\.)(?:(?:[a-z0-9-]+\.)+[a-z]{2,}|localhost|[0-9.]+)(?::[0-9]+)?(?=" + WordsWithoutSpaces + ")",
        RegexOptions.IgnoreCase)]
    private static partial Regex HostBeforeWord();

    [GeneratedRegex(@"(?:[?!.,:;*_~'\])}]|(?![\0-\x7f])\p{P})+$")]
    private static partial Regex End();
}
