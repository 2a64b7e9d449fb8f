using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace AgentStream.Worker.Tools.Web;

/// <summary>
/// Makes readable text of a page: its main part, with headings, lists, tables, code and links in Markdown, without menus, forms,
/// scripts, and what readers don't see.
/// </summary>
internal static partial class PageText
{
    private const string Unread =
        "script, style, noscript, template, svg, canvas, iframe, object, embed, video, audio, form, button, input, select, textarea, nav, "
        + "dialog, [hidden], [aria-hidden=true]";

    private const int MaxDepth = 200;

    /// <exception cref="ToolException">The page is nothing that can be read.</exception>
    public static string Of(FetchedPage page) => page.MediaType switch
    {
        "text/html" or "application/xhtml+xml" => OfHtml(page),
        "" => Decode(page) is var text && text.AsSpan().TrimStart().StartsWith("<") ? OfHtml(page) : text,
        "application/json" or "application/xml" or "application/javascript" => Decode(page),
        _ when page.MediaType.StartsWith("text/", StringComparison.Ordinal)
            || page.MediaType.EndsWith("+json", StringComparison.Ordinal)
            || page.MediaType.EndsWith("+xml", StringComparison.Ordinal)
            => Decode(page),
        _ => throw new ToolException(
            $"[{page.MediaType}, {page.Bytes.Length}{(page.IsCut ? " or more" : "")} bytes] This is no text and can't be read here. Try "
                + "another source."),
    };

    private static string OfHtml(FetchedPage page)
    {
        var html = Decode(page);
        if (HtmlDepth.IsTooDeep(html))
        {
            throw new ToolException("The tags of this page nest too deeply to be read. Try another source.");
        }

        using var document = new HtmlParser().ParseDocument(html);
        foreach (var element in document.QuerySelectorAll(Unread).ToList())
        {
            element.Remove();
        }

        foreach (var element in document.QuerySelectorAll("[style]")
            .Where(element => Invisible().IsMatch(element.GetAttribute("style")!))
            .ToList())
        {
            element.Remove();
        }

        var text = new StringBuilder();
        if (document.Title is { Length: > 0 } title)
        {
            text.Append("# ").Append(Spaces().Replace(title, " ").Trim()).Append("\n\n");
        }

        Write(
            document.QuerySelector("main, [role=main], article") ?? document.Body ?? (IElement)document.DocumentElement, text, page.Url, 0);
        return BlankLines().Replace(TrailingSpaces().Replace(text.ToString(), "\n"), "\n\n").Trim();
    }

    private static void Write(INode node, StringBuilder text, Uri url, int depth)
    {
        if (depth > MaxDepth)
        {
            return;
        }

        foreach (var child in node.ChildNodes)
        {
            switch (child)
            {
                case IText words:
                    var plain = Spaces().Replace(words.Data, " ");
                    text.Append(text.Length == 0 || char.IsWhiteSpace(text[^1]) ? plain.TrimStart() : plain);
                    break;
                case IHtmlPreElement code:
                    text.Append("\n\n```\n").Append(code.TextContent.Trim('\n')).Append("\n```\n\n");
                    break;
                case IHtmlAnchorElement link:
                    WriteLink(link, text, url, depth);
                    break;
                case IElement element:
                    text.Append(Before(element));
                    Write(element, text, url, depth + 1);
                    text.Append(After(element));
                    break;
                default:
                    break;
            }
        }
    }

    private static void WriteLink(IHtmlAnchorElement link, StringBuilder text, Uri url, int depth)
    {
        var words = new StringBuilder();
        Write(link, words, url, depth + 1);
        var label = Spaces().Replace(words.ToString(), " ").Trim();
        var isUseful = label.Length > 0 && link.GetAttribute("href") is { Length: > 0 } address && address[0] != '#'
            && Uri.TryCreate(url, address, out var target) && (target.Scheme == Uri.UriSchemeHttp || target.Scheme == Uri.UriSchemeHttps);
        text.Append(isUseful ? $"[{label}]({new Uri(url, link.GetAttribute("href")!).AbsoluteUri})" : words.ToString());
    }

    private static string Before(IElement element) => element.LocalName switch
    {
        "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => "\n\n" + new string('#', element.LocalName[1] - '0') + " ",
        "li" => "\n- ",
        "td" or "th" => element.PreviousElementSibling is null ? "" : " | ",
        "br" => "\n",
        "tr" or "dt" or "dd" => "\n",
        _ when IsBlock(element) => "\n\n",
        _ => "",
    };

    private static string After(IElement element) =>
        element.LocalName is "h1" or "h2" or "h3" or "h4" or "h5" or "h6" || IsBlock(element) ? "\n\n" : "";

    private static bool IsBlock(IElement element)
        => element.LocalName is "p" or "div" or "section" or "article" or "main" or "header" or "footer" or "aside"
        or "ul" or "ol" or "dl" or "table" or "blockquote" or "figure" or "figcaption" or "address" or "details" or "summary" or "hr";

    private static string Decode(FetchedPage page)
    {
        var bytes = page.Bytes.Span;
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            return Encoding.UTF8.GetString(bytes[3..]);
        }

        var charset = page.Charset;
        if (charset is null
            && Charset().Match(Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 1024)])) is { Success: true } declared)
        {
            charset = declared.Groups["name"].Value;
        }

        return EncodingOf(charset).GetString(bytes);
    }

    private static Encoding EncodingOf(string? charset)
    {
        try
        {
            return charset is null
                ? Encoding.UTF8
                : CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }

    // <meta charset="iso-8859-1">, <meta http-equiv="Content-Type" content="text/html; charset=windows-1252">
    [GeneratedRegex("""<meta[^>]+charset\s*=\s*["']?(?<name>[A-Za-z0-9_:.-]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();

    [GeneratedRegex(
        @"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", RegexOptions.IgnoreCase)]
    private static partial Regex Invisible();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[ \t]+\n")]
    private static partial Regex TrailingSpaces();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex BlankLines();
}
