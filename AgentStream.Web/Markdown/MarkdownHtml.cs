using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;

namespace AgentStream.Web.Markdown;

/// <summary>
/// Markdown as HTML, for the page that works without JavaScript: from the same tree as the live page builds it,
/// with the same elements and classes. Elements are made of the tree's kinds alone; everything else in it is text and is encoded.
/// </summary>
internal static class MarkdownHtml
{
    /// <summary>Characters; a longer text is shown as it was written.</summary>
    internal const int LongestText = 200_000;

    /// <summary>The tree of a text; null for one that is too long, or nested deeper than anybody writes.</summary>
    public static IHtmlContent? Of(string source)
    {
        if (source.Length > LongestText || MarkdownParser.Parse(source) is not { } parsed)
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            new MarkdownTree(json).Write(parsed);
        }

        // The parser nests at most half as deep as its own limit; a node is three levels of JSON.
        using var tree = JsonDocument.Parse(buffer.ToArray(), new JsonDocumentOptions { MaxDepth = 1_000 });
        var html = new HtmlContentBuilder();
        Append(html, tree.RootElement);
        return html;
    }

    private static void Append(IHtmlContentBuilder html, JsonElement nodes)
    {
        foreach (var node in nodes.EnumerateArray())
        {
            if (node.ValueKind == JsonValueKind.String)
            {
                html.Append(node.GetString()!);
            }
            else
            {
                html.AppendHtml(ElementOf(node));
            }
        }
    }

    private static TagBuilder ElementOf(JsonElement node)
    {
        var kind = node.GetProperty("t").GetString()!;
        return kind switch
        {
            "pre" => Code(node),
            // Below the headings of the page itself.
            "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => WithChildren(Tag($"h{Math.Min(kind[1] - '0' + 3, 6)}", $"md-{kind}"), node),
            "a" => Link(node),
            "image" => Image(node),
            "ol" or "ul" or "blockquote" => List(kind, node),
            "check" => Check(node),
            "li" => WithChildren(Tag("li", IsTask(node) ? "md-task" : null), node),
            "table" => Table(node),
            "th" or "td" => Cell(kind, node),
            "hr" or "br" => new TagBuilder(kind) { TagRenderMode = TagRenderMode.SelfClosing },
            _ => WithChildren(new TagBuilder(kind), node),
        };
    }

    private static TagBuilder Code(JsonElement node)
    {
        var language = Text(node, "lang");
        var name = Tag("span", "code-lang");
        name.InnerHtml.Append(language ?? "text");
        var head = Tag("figcaption", "code-head");
        head.InnerHtml.AppendHtml(name);
        var code = new TagBuilder("code");
        code.InnerHtml.Append(Text(node, "text") ?? "");
        var text = Tag("pre", "code-text");
        text.Attributes["tabindex"] = "0";
        text.Attributes["role"] = "group";
        text.Attributes["aria-label"] = language is null ? "Code" : $"{language} code";
        text.InnerHtml.AppendHtml(code);
        var figure = Tag("figure", "code-block");
        figure.InnerHtml.AppendHtml(head).AppendHtml(text);
        return figure;
    }

    private static TagBuilder Link(JsonElement node)
    {
        var link = WithChildren(Anchor(Text(node, "href")!), node);
        // Text that names one host must not lead to another in silence.
        if (HonestHost.Of(PlainText(node), Text(node, "href")!) is { } host)
        {
            var note = Tag("span", "md-host");
            note.InnerHtml.Append($" (leads to {host})");
            link.InnerHtml.AppendHtml(note);
        }

        return link;
    }

    private static TagBuilder Image(JsonElement node)
    {
        var image = Tag("span", "md-image");
        image.Attributes["title"] = "Images of other hosts are not loaded";
        image.InnerHtml.Append("Image: ")
            .AppendHtml(WithChildren(Text(node, "href") is { } address ? Anchor(address) : new TagBuilder("span"), node));
        return image;
    }

    private static TagBuilder Anchor(string address)
    {
        var link = new TagBuilder("a");
        link.Attributes["href"] = address;
        link.Attributes["rel"] = "noopener noreferrer";
        link.Attributes["title"] = address;
        return link;
    }

    private static TagBuilder List(string kind, JsonElement node)
    {
        var list = new TagBuilder(kind);
        list.Attributes["dir"] = "auto";
        if (Attribute(node, "start") is { } start)
        {
            list.Attributes["start"] = start.GetInt32().ToString(CultureInfo.InvariantCulture);
        }

        return WithChildren(list, node);
    }

    private static TagBuilder Check(JsonElement node)
    {
        var isDone = Attribute(node, "checked") is { ValueKind: JsonValueKind.True };
        var box = Tag("input", "md-check");
        box.TagRenderMode = TagRenderMode.SelfClosing;
        box.Attributes["type"] = "checkbox";
        box.Attributes["disabled"] = "";
        box.Attributes["aria-label"] = isDone ? "Done" : "To do";
        if (isDone)
        {
            box.Attributes["checked"] = "";
        }

        return box;
    }

    private static TagBuilder Table(JsonElement node)
    {
        var frame = Tag("div", "md-table");
        frame.Attributes["tabindex"] = "0";
        frame.Attributes["role"] = "group";
        frame.Attributes["aria-label"] = "Table";
        frame.InnerHtml.AppendHtml(WithChildren(new TagBuilder("table"), node));
        return frame;
    }

    private static TagBuilder Cell(string kind, JsonElement node)
    {
        var cell = Tag(kind, Text(node, "align") is "center" or "right" ? $"md-{Text(node, "align")}" : null);
        if (kind == "th")
        {
            cell.Attributes["scope"] = "col";
        }

        return WithChildren(cell, node);
    }

    private static TagBuilder WithChildren(TagBuilder element, JsonElement node)
    {
        if (node.TryGetProperty("c", out var children))
        {
            Append(element.InnerHtml, children);
        }

        return element;
    }

    private static TagBuilder Tag(string name, string? style)
    {
        var tag = new TagBuilder(name);
        if (style is not null)
        {
            tag.AddCssClass(style);
        }

        return tag;
    }

    private static bool IsTask(JsonElement item)
        => Children(item).Any(child => IsCheck(child) || IsCheck(Children(child).FirstOrDefault()));

    private static bool IsCheck(JsonElement node) => node.ValueKind == JsonValueKind.Object && node.GetProperty("t").ValueEquals("check");

    private static JsonElement.ArrayEnumerator Children(JsonElement node) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty("c", out var children) ? children.EnumerateArray() : default;

    private static string PlainText(JsonElement node) =>
        node.ValueKind == JsonValueKind.String ? node.GetString()! : string.Concat(Children(node).Select(PlainText));

    private static JsonElement? Attribute(JsonElement node, string name) =>
        node.TryGetProperty("a", out var attributes) && attributes.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement node, string name) => Attribute(node, name)?.GetString();
}
