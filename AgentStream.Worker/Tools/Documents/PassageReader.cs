using System.Text;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Tools.Documents;

/// <summary>Splits a document at its headings, and long sections at blank lines.</summary>
internal static partial class PassageReader
{
    // Long enough to answer a question, short enough that five of them fit every prompt.
    private const int GoodLength = 1200;
    private const int MaxLength = 2400;

    public static IReadOnlyList<Passage> Read(string text, bool isMarkdown)
    {
        List<Passage> passages = [];
        var lines = text.Split('\n');
        string? heading = null;
        var fence = "";
        var part = new StringBuilder();
        var first = 1;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            var found = isMarkdown && fence.Length == 0 ? HeadingOf(line) : null;
            var isFull = part.Length + line.Length > MaxLength || (part.Length > GoodLength && line.Length == 0 && fence.Length == 0);
            if (found is not null || (isFull && part.Length > 0))
            {
                Add(i);
                first = i + 1;
                heading = found ?? heading;
            }

            fence = Fence(line, fence);
            // A line without an end (a minified file) is cut like any other text that is too long.
            for (var rest = line.AsSpan(); ; rest = rest[MaxLength..])
            {
                part.Append(rest[..Math.Min(rest.Length, MaxLength)]).Append('\n');
                if (rest.Length <= MaxLength)
                {
                    break;
                }

                Add(i + 1);
                first = i + 1;
            }
        }

        Add(lines.Length);
        return passages;

        void Add(int lastLine)
        {
            var whole = part.ToString();
            part.Clear();
            var trimmed = whole.Trim();
            if (trimmed.Length == 0)
            {
                return;
            }

            var leading = whole.AsSpan(0, whole.IndexOf(trimmed, StringComparison.Ordinal)).Count('\n');
            var start = first + leading;
            passages.Add(new Passage(heading, start, Math.Min(lastLine, start + trimmed.AsSpan().Count('\n')), trimmed));
        }
    }

    private static string? HeadingOf(string line)
        => Heading().Match(line) is { Success: true } match ? match.Groups["text"].Value.Trim() : null;

    // A # in a code block is a comment.
    private static string Fence(string line, string open)
    {
        var mark = FenceMark().Match(line).Groups["mark"].Value;
        return open.Length == 0 ? mark : mark.Length >= open.Length && mark[0] == open[0] ? "" : open;
    }

    [GeneratedRegex(@"^ {0,3}#{1,6}[ \t]+(?<text>.*?)[ \t]*#*[ \t]*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^ {0,3}(?<mark>`{3,}|~{3,})")]
    private static partial Regex FenceMark();
}
