using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>
/// A server's own words as people may see them: its first sentence, no longer than a line or two, without keys and addresses, on one line.
/// </summary>
internal static class ServerWords
{
    private const int MaxLength = 240;
    private const int MaxRead = 2_000;

    /// <summary>What ends before says too little alone: "Error."</summary>
    private const int LeastSentence = 12;

    private const string LeftOut = "…";

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking;

    /// <summary>Keys, where they look like one. Before addresses, which may have one in them.</summary>
    private static readonly Regex[] Keys =
    [
        // What stands after a name that means a key: Bearer ..., api_key=..., API key provided: ...
        new(@"\b(bearer|basic|x-api-key|api[-_ ]?key|apikey|access[-_ ]?token|auth[-_ ]?token|authorization|password|passwd|secret"
            + @"|signature|credentials?)(""|'|`)?( provided| is| bearer| basic|:|=| )+(""|'|`)?[^\s""'`,;)]{4,}", Options),
        // sk-..., sk-ant-..., gsk_..., hf_..., org-..., AIza..., a signed token
        new(@"\b(sk|pk|rk|ak|gsk|hf|xai|nvapi|pplx|org|proj|req|acct|key|csk|tgp)[-_][-_.*a-z0-9]{6,}", Options),
        new(@"\b(akia|aiza|eyj)[-_.*a-z0-9]{12,}", Options),
    ];

    private static readonly Regex[] Addresses =
    [
        new(@"\b[a-z][a-z0-9+.-]{1,20}://[^\s""'`<>)\]]+", Options),
        new(@"\bwww\.[^\s""'`<>)\]]+", Options),
        new(@"[a-z0-9._%+-]+@[a-z0-9.-]+", Options),
        new(@"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b", Options),
        new(@"\[?\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,7}\b\]?(:\d+)?|\[?::1\]?(:\d+)?", Options),
        new(@"\b([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+(com|org|net|io|ai|cn|dev|app|cloud|local|internal|lan|svc|corp|home|arpa|co|eu|us|uk|de"
            + @"|fr|jp|kr|ru|info|biz|tech|xyz|gov|edu|intra|test|example)\b(:\d+)?(/[^\s""'`]*)?", Options),
        new(@"\b(localhost(:\d{2,5})?|[a-z][a-z0-9-]*:\d{4,5})\b(/[^\s""'`]*)?", Options),
        new(@"\b[a-z]:\\[^\s""'`]+|\\\\[a-z0-9][^\s""'`]+", Options),
        new(@"(?<before>^|[\s""'`(=:,\[])~?/[a-z0-9_.~-]+(/[^\s""'`:,)]*)*", Options),
    ];

    /// <summary>Whatever else is long and random.</summary>
    private static readonly Regex[] Random =
    [
        new(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", Options),
        new(@"\b[a-z0-9_+-]{32,}={0,2}", Options),
    ];

    /// <summary>Empty: nothing is left that says anything.</summary>
    public static string Of(string sentence)
    {
        var text = OneLine(sentence);
        text = Keys.Aggregate(text, (so, key) => key.Replace(so, found => LooksRandom(found.Value) ? LeftOut + End(found) : found.Value));
        text = Addresses.Aggregate(
            text, (so, address) => address.Replace(so, found => found.Groups["before"].Value + LeftOut + End(found)));
        text = Random.Aggregate(
            text, (so, random) => random.Replace(so, found => found.Value.Any(char.IsAsciiDigit) ? LeftOut : found.Value));
        text = Bounded(FirstSentence(text));
        return text.Any(char.IsLetter) ? text : "";
    }

    // A full stop after an address is the sentence's.
    private static string End(Match found) => found.Value[^1] == '.' ? "." : "";

    // "Invalid API key: please check it" has none in it.
    private static bool LooksRandom(string text) =>
        text.Contains('=', StringComparison.Ordinal)
            || text.Contains('*', StringComparison.Ordinal)
            || text.Any(char.IsAsciiDigit)
            || text[^Math.Min(text.Length, 12)..].Any(char.IsAsciiLetterUpper);

    /// <summary>Neither line breaks nor anything that changes how the rest of the page is read.</summary>
    private static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, MaxRead)).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                if (line.Length > 0 && line[^1] != ' ')
                {
                    line.Append(' ');
                }
            }
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate) && rune != Rune.ReplacementChar)
            {
                line.Append(rune);
            }
        }

        return line.ToString().Trim();
    }

    private static string FirstSentence(string text)
    {
        for (var i = LeastSentence; i < text.Length; i++)
        {
            var ends = text[i] is '。' or '！' or '？'
                || (text[i] is '.' or '!' or '?' && i + 1 < text.Length && text[i + 1] == ' ' && !IsAbbreviation(text, i));
            if (ends)
            {
                return text[..(i + 1)];
            }
        }

        return text;
    }

    // "e.g. this", "vs. that", "and so on ..."
    private static bool IsAbbreviation(string text, int dot)
    {
        var start = text.LastIndexOf(' ', dot) + 1;
        return text[dot] == '.' && ((dot - start <= 1 && char.IsLetter(text[dot - 1]))
            || text[dot - 1] == '.'
            || text[start..dot] is "e.g" or "i.e" or "vs" or "etc" or "approx" or "max" or "min");
    }

    private static string Bounded(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        var end = text.LastIndexOf(' ', MaxLength, MaxLength / 4);
        end = end > 0 ? end : MaxLength;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)].TrimEnd() + LeftOut;
    }
}
