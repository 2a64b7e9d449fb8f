using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax.Inlines;

namespace AgentStream.Web.Markdown;

/// <summary>
/// Makes links of bare addresses.
/// Markdig's own extension asks for a space before an address and takes the full stop of a Chinese sentence into it.
/// </summary>
internal sealed class BareAddressParser : InlineParser
{
    public BareAddressParser() => OpeningCharacters = ['h', 'H', 'm', 'M', 'w', 'W'];

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        if (BareAddress.At(slice.Text, slice.Start) is not { } found || slice.Start + found.Found - 1 > slice.End)
        {
            return false;
        }

        var end = slice.Start + found.Length - 1;
        var shown = new LiteralInline { Content = new StringSlice(slice.Text, slice.Start, end), IsClosed = true };
        var text = shown.Content.ToString();
        var address = text[0] is 'w' or 'W' ? $"http://{text}" : text;
        if (SafeAddress.IsSafe(address))
        {
            var link = new LinkInline { Url = address, IsClosed = true, IsAutoLink = true };
            link.AppendChild(shown);
            processor.Inline = link;
        }
        else
        {
            processor.Inline = shown;
        }

        slice.Start = end + 1;
        return true;
    }
}
