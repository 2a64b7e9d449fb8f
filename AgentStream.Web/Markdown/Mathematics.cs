using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentStream.Web.Markdown;

/// <summary>
/// A text whose mathematics is masked: <c>\(…\)</c>, <c>\[…\]</c>, <c>$$…$$</c>, environments, and <c>$…$</c> where it can be nothing else.
/// Its signs mean something else in Markdown, so each piece gives way to one private character while the text is read,
/// and is put back as it was written. The page does the same (<c>mathematics.js</c>).
/// </summary>
internal sealed partial class Mathematics
{
    private const char FirstPrivate = '\ue000';
    private const char LastPrivate = '\uf8ff';
    private static readonly SearchValues<char> Private =
        SearchValues.Create([.. Enumerable.Range(FirstPrivate, LastPrivate - FirstPrivate + 1).Select(code => (char)code)]);
    private readonly Dictionary<char, string> _written = [];

    private Mathematics(string source)
    {
        var pieces = source.AsSpan().ContainsAny('\\', '$') ? new Pieces(source).Find() : [];
        var masked = new StringBuilder();
        var from = 0;
        var sign = FirstPrivate;
        foreach (var (start, end) in pieces)
        {
            while (sign <= LastPrivate && source.Contains(sign))
            {
                sign++;
            }

            if (sign > LastPrivate)
            {
                break;
            }

            _written.Add(sign, WithoutContainers(source, start, end));
            masked.Append(source, from, start - from).Append(sign++);
            from = end;
        }

        Masked = from == 0 ? source : masked.Append(source, from, source.Length - from).ToString();
    }

    /// <summary>The text as it is read.</summary>
    public string Masked { get; }

    public static Mathematics In(string source) => new(source);

    /// <summary>A part of the text as it was written.</summary>
    /// <param name="text">What was read of it.</param>
    public string Restore(string text)
    {
        if (_written.Count == 0 || !text.AsSpan().ContainsAny(Private))
        {
            return text;
        }

        var restored = new StringBuilder();
        foreach (var character in text)
        {
            restored.Append(_written.TryGetValue(character, out var piece) ? piece : character.ToString());
        }

        return restored.ToString();
    }

    // What stands before each line of a quote or of a list is theirs.
    private static string WithoutContainers(string source, int start, int end)
    {
        var lines = source[start..end].Split('\n');
        if (lines.Length == 1)
        {
            return lines[0];
        }

        var prefix = Containers().Match(LineFrom(source, source.LastIndexOf('\n', start) + 1)).Value;
        return string.Join('\n', lines.Select((line, index) => index == 0 ? line : WithoutLead(line, prefix)));
    }

    private static string WithoutLead(string line, string prefix)
    {
        var at = 0;
        while (at < prefix.Length && at < line.Length && (prefix[at] == '>' ? line[at] == '>' : line[at] is ' ' or '\t'))
        {
            at++;
        }

        return line[at..];
    }

    private static string LineFrom(string source, int start)
    {
        if (start >= source.Length)
        {
            return "";
        }

        var end = source.IndexOf('\n', start);
        return end < 0 ? source[start..] : source[start..end];
    }

    /// <summary>The pieces of mathematics in a text, found in one pass: what was looked for in vain is not looked for again.</summary>
    private sealed class Pieces(string source)
    {
        private readonly HashSet<(string, int)> _notThere = [];
        private int _lineStart;

        // Where the line's own text begins, after the marks of quotes and items.
        private int _textStart;
        private int _paragraphEnd = -1;

        public IEnumerable<(int Start, int End)> Find()
        {
            for (var sign = Interesting().Match(source, AfterFence()); sign.Success;)
            {
                var end = EndOfPiece(sign.Index, sign.Value);
                if (end is { } found)
                {
                    yield return (sign.Index, found);
                }

                var next = end ?? AfterOther(sign.Index, sign.Value);
                if (next >= source.Length)
                {
                    yield break;
                }

                sign = Interesting().Match(source, next);
            }
        }

        private int? EndOfPiece(int at, string sign)
        {
            if (sign != "\\")
            {
                return sign == "$$" ? EndAfter(at, sign, sign) : sign == "$" ? Dollars(at) : null;
            }

            var environment = Environment().Match(source, at, Math.Min(40, source.Length - at));
            if (environment.Success)
            {
                return EndAfter(at, environment.Value, $"\\end{{{environment.Groups[1].Value}}}");
            }

            return (at + 1 < source.Length ? source[at + 1] : '\0') switch
            {
                '(' => EndAfter(at, "\\(", "\\)"),
                '[' => EndAfter(at, "\\[", "\\]"),
                _ => null,
            };
        }

        // Within a paragraph, or over empty lines where the first mark has a line of its own.
        private int? EndAfter(int at, string opener, string closer)
        {
            var limit = IsAlone(at, opener) ? source.Length : EndOfParagraph(at);
            if (_notThere.Contains((closer, limit)))
            {
                return null;
            }

            var depth = 0;
            for (var from = at + opener.Length; from < limit; from += source[from] == '\\' ? 2 : 1)
            {
                if (opener[1] == 'b' && IsAt(from, opener))
                {
                    depth++;
                }
                else if (IsAt(from, closer) && depth-- == 0)
                {
                    return from + closer.Length;
                }
            }

            _notThere.Add((closer, limit));
            return null;
        }

        // Two of them may be two prices: only what holds a sign of mathematics, and stands as mathematics does.
        private int? Dollars(int at)
        {
            if ((at > 0 && (IsWord(source[at - 1]) || source[at - 1] == '$'))
                || at + 1 >= source.Length
                || char.IsWhiteSpace(source[at + 1]))
            {
                return null;
            }

            var limit = EndOfParagraph(at);
            for (var from = at + 1; from < limit; from += source[from] == '\\' ? 2 : 1)
            {
                if (source[from] == '$')
                {
                    var next = from + 1 < source.Length ? source[from + 1] : ' ';
                    var stands = !char.IsWhiteSpace(source[from - 1]) && !IsWord(next) && next != '$';
                    return stands && IsCertain(source[(at + 1)..from]) ? from + 1 : null;
                }
            }

            return null;
        }

        private bool IsAlone(int at, string opener)
        {
            if (at != _textStart || opener[1] == 'b')
            {
                return at == _textStart;
            }

            var rest = source.AsSpan(at + opener.Length).TrimStart(" \t");
            return rest.IsEmpty || rest[0] == '\n';
        }

        private int EndOfParagraph(int at)
        {
            if (_paragraphEnd < at)
            {
                var blank = BlankLine().Match(source, at);
                _paragraphEnd = blank.Success ? blank.Index : source.Length;
            }

            return _paragraphEnd;
        }

        private int AfterOther(int at, string sign)
        {
            switch (sign[0])
            {
                case '\n':
                    _lineStart = at + 1;
                    return AfterFence();
                case '\\':
                    return at + 1 < source.Length && source[at + 1] == '\n' ? at + 1 : at + 2;
                case '`':
                    return AfterCode(at, sign);
                case ']':
                    var target = LinkTarget().Match(source, at + 2, Math.Min(4_200, source.Length - at - 2));
                    return target.Success ? target.Index + target.Length : at + 2;
                case '$':
                    return at + sign.Length;
                default:
                    return at + (BareAddress.At(source, at)?.Found ?? sign.Length);
            }
        }

        private int AfterCode(int at, string ticks)
        {
            var limit = EndOfParagraph(at);
            if (!_notThere.Contains((ticks, limit)))
            {
                for (var end = at + ticks.Length; (end = source.IndexOf('`', end, limit - end)) >= 0;)
                {
                    var length = source.AsSpan(end).IndexOfAnyExcept('`') is var run && run < 0 ? source.Length - end : run;
                    if (length == ticks.Length)
                    {
                        return end + length;
                    }

                    end += length;
                    if (end >= limit)
                    {
                        break;
                    }
                }

                _notThere.Add((ticks, limit));
            }

            return at + ticks.Length;
        }

        // A fence at the beginning of this line is code, as far as it goes.
        private int AfterFence()
        {
            var line = LineFrom(source, _lineStart);
            var prefix = Containers().Match(line).Length;
            _textStart = _lineStart + prefix;
            var fence = Fence().Match(line[prefix..]);
            if (!fence.Success)
            {
                return Math.Min(_lineStart, source.Length);
            }

            var mark = fence.Groups[1].Value;
            do
            {
                _lineStart += line.Length + 1;
                line = LineFrom(source, _lineStart);
            }
            while (_lineStart < source.Length && !Closes(line, mark));

            return Math.Min(_lineStart + line.Length, source.Length);
        }

        private static bool Closes(string line, string mark)
        {
            var text = line.AsSpan().TrimStart(" \t>").Trim();
            return text.Length >= mark.Length && text.IndexOfAnyExcept(mark[0]) < 0;
        }

        private bool IsAt(int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

        private static bool IsCertain(string inner) =>
            CertainSign().IsMatch(inner) || (PossibleSign().IsMatch(inner) && !Word().IsMatch(inner));

        private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
    }

    [GeneratedRegex(@"\n|\\|\$+|`+|\]\(|(?<![A-Za-z0-9_/])(?:https?://|mailto:|www\.)", RegexOptions.IgnoreCase)]
    private static partial Regex Interesting();

    [GeneratedRegex(@"^[ \t>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+(?:>[ \t]?)*)*")]
    private static partial Regex Containers();

    [GeneratedRegex(@"\n[ \t>]*(?=\n)")]
    private static partial Regex BlankLine();

    [GeneratedRegex(@"\G\\begin\{([a-zA-Z]+\*?)\}")]
    private static partial Regex Environment();

    [GeneratedRegex("^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")]
    private static partial Regex Fence();

    [GeneratedRegex(
        """\G[ \t\n]*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\([^\s()]*\))*)(?:[ \t\n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t\n]*\)""")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"\\\S|[_^]|\]\(")]
    private static partial Regex CertainSign();

    [GeneratedRegex("[*~<&]")]
    private static partial Regex PossibleSign();

    [GeneratedRegex(@"(?<![\\A-Za-z])[A-Za-z]{3,}")]
    private static partial Regex Word();
}
