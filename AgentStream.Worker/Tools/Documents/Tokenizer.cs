using System.Globalization;
using System.Text;
using AgentStream.Messaging.Search;

namespace AgentStream.Worker.Tools.Documents;

/// <summary>
/// Splits text into terms: runs of letters, digits and their marks in any script,
/// folded so that one word is one term however it is written.
/// Scripts that are written without spaces (Chinese, Japanese, Thai, …) give single characters and pairs of them,
/// which finds words without a dictionary. No stemming: it would be right for one language and wrong for the next.
/// </summary>
internal static class Tokenizer
{
    // Longer ones are data (base64, hashes), not words.
    private const int MaxLength = 64;

    public static IEnumerable<string> Terms(string text)
    {
        var word = new StringBuilder();
        string? previous = null;
        foreach (var rune in SearchText.Fold(text).EnumerateRunes())
        {
            if (IsUnspaced(rune))
            {
                if (Take(word) is { } before)
                {
                    yield return before;
                }

                var character = rune.ToString();
                yield return character;
                if (previous is not null)
                {
                    yield return previous + character;
                }

                previous = character;
                continue;
            }

            previous = null;
            if (Rune.IsLetterOrDigit(rune) || (word.Length > 0 && IsMark(rune)))
            {
                word.Append(rune);
            }
            else if (Take(word) is { } term)
            {
                yield return term;
            }
        }

        if (Take(word) is { } last)
        {
            yield return last;
        }
    }

    private static string? Take(StringBuilder word)
    {
        var term = word.Length is > 0 and <= MaxLength ? word.ToString() : null;
        word.Clear();
        return term;
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark;

    private static bool IsUnspaced(Rune rune) => rune.Value is
        (>= 0x0E01 and <= 0x0EFF) // Thai, Lao
        or (>= 0x1000 and <= 0x109F) // Burmese
        or (>= 0x1780 and <= 0x17FF) // Khmer
        or (>= 0x3041 and <= 0x30FF) // Hiragana, Katakana
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) // Han
        or (>= 0x20000 and <= 0x3FFFF);
}
