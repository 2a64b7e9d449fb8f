using System.Text.RegularExpressions;

namespace AgentStream.Worker.Tools.Web;

/// <summary>
/// How deep the tags of a page may nest, at most.
/// Parsers and what reads their trees are recursive: a page of a million open tags would end the process with a stack
/// overflow, which nothing can catch. So it is counted before anything is parsed, and counted too high rather than too low.
/// </summary>
internal static partial class HtmlDepth
{
    // Real pages have fewer than a hundred.
    private const int Max = 1000;

    // These close themselves or each other everywhere, within drawings and formulas too.
    private static readonly HashSet<string> Flat =
        new(["p", "li", "dd", "dt", "br", "hr", "img", "meta", "embed"], StringComparer.OrdinalIgnoreCase);

    // These have no content in HTML, but nest within <svg> and <math>.
    private static readonly HashSet<string> FlatInHtml =
        new(["area", "base", "col", "input", "link", "param", "source", "track", "wbr"], StringComparer.OrdinalIgnoreCase);

    public static bool IsTooDeep(string html)
    {
        var foreign = html.Contains("<svg", StringComparison.OrdinalIgnoreCase)
            || html.Contains("<math", StringComparison.OrdinalIgnoreCase);
        var depth = 0;
        foreach (var tag in Tag().EnumerateMatches(html))
        {
            var isEnd = html[tag.Index + 1] == '/';
            var name = html.Substring(tag.Index + (isEnd ? 2 : 1), tag.Length - (isEnd ? 2 : 1));
            if (Flat.Contains(name) || (!foreign && FlatInHtml.Contains(name)))
            {
                continue;
            }

            depth = isEnd ? Math.Max(0, depth - 1) : depth + 1;
            if (depth > Max)
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex("</?[A-Za-z][^\\s/>]*")]
    private static partial Regex Tag();
}
