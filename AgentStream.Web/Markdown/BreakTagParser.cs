using System.Text.RegularExpressions;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax.Inlines;

namespace AgentStream.Web.Markdown;

/// <summary>Reads <c>&lt;br&gt;</c>, the one tag that means something: the cell of a table has no other way to break a line.</summary>
internal sealed partial class BreakTagParser : InlineParser
{
    public BreakTagParser() => OpeningCharacters = ['<'];

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        var tag = BreakTag().Match(slice.Text, slice.Start, slice.Length);
        if (!tag.Success)
        {
            return false;
        }

        processor.Inline = new HtmlInline(tag.Value);
        slice.Start += tag.Length;
        return true;
    }

    [GeneratedRegex(@"\G<br */?>", RegexOptions.IgnoreCase)]
    private static partial Regex BreakTag();
}
