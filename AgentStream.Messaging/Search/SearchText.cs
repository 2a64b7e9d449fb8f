using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace AgentStream.Messaging.Search;

/// <summary>
/// Folds text for searching, so that what people take for the same is the same:
/// accents composed or not, Hangul as a Mac writes it in file names, full-width letters, ligatures, and any case.
/// It is Unicode's NFKC_Casefold (composed, compatibility forms and case folded, invisible characters left out).
/// </summary>
/// <remarks>
/// <c>string.Normalize</c> can't: without ICU (<c>InvariantGlobalization</c>) .NET returns every text as it is and says nothing of it.
/// The tables are Unicode's; <c>folding.py</c> writes them.
/// </remarks>
internal static class SearchText
{
    // Hangul syllables are made by arithmetic: a leading consonant, a vowel, perhaps a trailing consonant.
    private const int FirstSyllable = 0xAC00;
    private const int FirstLeading = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int BeforeTrailing = 0x11A7;
    private const int Leadings = 19;
    private const int Vowels = 21;
    private const int Trailings = 28;

    private static readonly Tables Unicode = Tables.Read();

    /// <summary>Folds a text. Two texts that mean the same to somebody who searches come to the same characters.</summary>
    /// <param name="text">A title, a document, or what is looked for in them.</param>
    public static string Fold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Ascii.IsValid(text) ? text.ToLowerInvariant() : Composed(Ordered(Apart(text)));
    }

    private static List<int> Apart(string text)
    {
        var characters = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Unicode.Folds.TryGetValue(rune.Value, out var folded))
            {
                characters.AddRange(folded);
            }
            else
            {
                characters.Add(Rune.ToLowerInvariant(rune).Value);
            }
        }

        return characters;
    }

    // Marks on one letter stand in the order of their classes, whatever order they were typed in.
    private static List<int> Ordered(List<int> characters)
    {
        for (var at = 1; at < characters.Count; at++)
        {
            var (character, combining) = (characters[at], Unicode.ClassOf(characters[at]));
            var to = at;
            while (combining > 0 && to > 0 && Unicode.ClassOf(characters[to - 1]) > combining)
            {
                characters[to] = characters[to - 1];
                to--;
            }

            characters[to] = character;
        }

        return characters;
    }

    private static string Composed(List<int> characters)
    {
        var composed = new List<int>(characters.Count);
        var starter = -1;
        var lastClass = 0;
        foreach (var character in characters)
        {
            var combining = Unicode.ClassOf(character);
            var isBlocked = starter < 0 || (composed.Count - 1 > starter && lastClass >= combining);
            if (!isBlocked && Composition(composed[starter], character) is { } one)
            {
                composed[starter] = one;
                continue;
            }

            if (combining == 0)
            {
                starter = composed.Count;
            }

            lastClass = combining;
            composed.Add(character);
        }

        var text = new StringBuilder(composed.Count);
        composed.ForEach(character => text.Append(new Rune(character).ToString()));
        return text.ToString();
    }

    private static int? Composition(int first, int second)
    {
        if (first is >= FirstLeading and < FirstLeading + Leadings && second is >= FirstVowel and < FirstVowel + Vowels)
        {
            return FirstSyllable + ((((first - FirstLeading) * Vowels) + second - FirstVowel) * Trailings);
        }

        if (first is >= FirstSyllable and < FirstSyllable + (Leadings * Vowels * Trailings) && (first - FirstSyllable) % Trailings == 0
            && second is > BeforeTrailing and < BeforeTrailing + Trailings)
        {
            return first + second - BeforeTrailing;
        }

        return Unicode.Pairs.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private sealed record Tables(
        FrozenDictionary<int, int[]> Folds, FrozenDictionary<(int, int), int> Pairs, (int First, int Last, int Class)[] Classes)
    {
        public static Tables Read()
        {
            using var stream = typeof(SearchText).Assembly.GetManifestResourceStream("folding.txt")!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var folds = Section(reader).Select(CharactersOf).ToFrozenDictionary(line => line[0], line => line[1..]);
            var pairs = Section(reader).Select(CharactersOf).ToFrozenDictionary(line => (line[0], line[1]), line => line[2]);
            return new Tables(folds, pairs, [.. Section(reader).Select(ClassesOf)]);
        }

        public int ClassOf(int character)
        {
            if (character < Classes[0].First)
            {
                return 0;
            }

            var (low, high) = (0, Classes.Length - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var (first, last, combining) = Classes[middle];
                if (character >= first && character <= last)
                {
                    return combining;
                }

                (low, high) = character < first ? (low, middle - 1) : (middle + 1, high);
            }

            return 0;
        }

        private static List<string> Section(StreamReader reader)
        {
            var lines = new List<string>();
            while (reader.ReadLine() is { } line && line != "%")
            {
                lines.Add(line);
            }

            return lines;
        }

        private static int[] CharactersOf(string line) => [.. line.EnumerateRunes().Select(rune => rune.Value)];

        private static (int, int, int) ClassesOf(string line)
        {
            var parts = line.Split(' ');
            return (Hexadecimal(parts[0]), Hexadecimal(parts[1]), int.Parse(parts[2], CultureInfo.InvariantCulture));
        }

        private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
