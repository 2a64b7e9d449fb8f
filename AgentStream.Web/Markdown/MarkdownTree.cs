using System.Text;
using System.Text.Json;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AgentStream.Web.Markdown;

/// <summary>
/// Writes a document as the tree that the page builds: texts, and nodes <c>{"t": kind, "a": {…}, "c": [children]}</c> of the kinds that
/// <c>tree.js</c> lists. What is of no such kind becomes its text, so nothing of a document can reach the page as anything else.
/// </summary>
internal sealed class MarkdownTree(Utf8JsonWriter json)
{
    private Mathematics _mathematics = Mathematics.In("");
    private bool _inCell;
    private bool _inLink;

    public void Write(ParsedMarkdown parsed)
    {
        _mathematics = parsed.Mathematics;
        json.WriteStartArray();
        WriteBlocks(parsed.Document, tight: false);
        json.WriteEndArray();
    }

    private void WriteBlocks(ContainerBlock blocks, bool tight)
    {
        foreach (var block in blocks)
        {
            WriteBlock(block, tight);
        }
    }

    private void WriteBlock(Block block, bool tight)
    {
        switch (block)
        {
            case HeadingBlock heading:
                WriteLeaf($"h{Math.Clamp(heading.Level, 1, 6)}", heading);
                break;
            case ParagraphBlock paragraph when tight:
                WriteInlines(paragraph.Inline);
                break;
            case ParagraphBlock paragraph:
                WriteLeaf("p", paragraph);
                break;
            case CodeBlock code:
                WriteCode(code);
                break;
            case ListBlock list:
                WriteList(list);
                break;
            case QuoteBlock quote:
                WriteContainer("blockquote", quote, tight: false);
                break;
            case ThematicBreakBlock:
                WriteEmpty("hr");
                break;
            case Table table:
                WriteTable(table);
                break;
            case LinkReferenceDefinitionGroup:
                break;
            case ContainerBlock container:
                WriteBlocks(container, tight: false);
                break;
            case LeafBlock leaf:
                WriteLeaf("p", leaf);
                break;
        }
    }

    private void WriteLeaf(string kind, LeafBlock leaf)
    {
        Open(kind);
        OpenChildren();
        WriteInlines(leaf.Inline);
        CloseChildren();
    }

    private void WriteContainer(string kind, ContainerBlock container, bool tight)
    {
        Open(kind);
        OpenChildren();
        WriteBlocks(container, tight);
        CloseChildren();
    }

    private void WriteCode(CodeBlock code)
    {
        var text = code.Lines.ToString();
        Open("pre");
        json.WriteStartObject("a");
        if (code is FencedCodeBlock { Info: { Length: > 0 } info } && LanguageOf(info) is { Length: > 0 } language)
        {
            json.WriteString("lang", language);
        }

        json.WriteString("text", text.Length == 0 ? "" : _mathematics.Restore(text) + "\n");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteList(ListBlock list)
    {
        Open(list.IsOrdered ? "ol" : "ul");
        if (list.IsOrdered && int.TryParse(list.OrderedStart, out var start) && start != 1)
        {
            json.WriteStartObject("a");
            json.WriteNumber("start", start);
            json.WriteEndObject();
        }

        OpenChildren();
        foreach (var item in list.OfType<ListItemBlock>())
        {
            WriteContainer("li", item, tight: !list.IsLoose);
        }

        CloseChildren();
    }

    private void WriteTable(Table table)
    {
        Open("table");
        OpenChildren();
        var columns = table.OfType<TableRow>().FirstOrDefault()?.Count ?? 0;
        foreach (var section in table.OfType<TableRow>().GroupBy(row => row.IsHeader))
        {
            Open(section.Key ? "thead" : "tbody");
            OpenChildren();
            foreach (var row in section)
            {
                WriteRow(table, row, columns);
            }

            CloseChildren();
        }

        CloseChildren();
    }

    private void WriteRow(Table table, TableRow row, int columns)
    {
        Open("tr");
        OpenChildren();
        for (var index = 0; index < columns; index++)
        {
            Open(row.IsHeader ? "th" : "td");
            if (index < table.ColumnDefinitions.Count && table.ColumnDefinitions[index].Alignment is { } alignment)
            {
                json.WriteStartObject("a");
                json.WriteString(
                    "align", alignment switch { TableColumnAlign.Center => "center", TableColumnAlign.Right => "right", _ => "left" });
                json.WriteEndObject();
            }

            OpenChildren();
            if (index < row.Count && row[index] is TableCell cell)
            {
                _inCell = true;
                WriteBlocks(cell, tight: true);
                _inCell = false;
            }

            CloseChildren();
        }

        CloseChildren();
    }

    private void WriteInlines(ContainerInline? inlines)
    {
        if (inlines is null)
        {
            return;
        }

        // Texts side by side are one text, as the page has them: so nothing changes on it that is the same.
        var text = new StringBuilder();
        WriteInlines(inlines, text);
        FlushText(text);
    }

    private void WriteInlines(ContainerInline inlines, StringBuilder text)
    {
        foreach (var inline in inlines)
        {
            WriteInline(inline, text);
        }
    }

    private void WriteInline(Inline inline, StringBuilder text)
    {
        switch (inline)
        {
            case LiteralInline literal:
                text.Append(literal.Content.AsSpan());
                break;
            case HtmlEntityInline entity:
                text.Append(entity.Transcoded.AsSpan());
                break;
            case CodeInline code:
                FlushText(text);
                WriteText("code", code.Content);
                break;
            case LineBreakInline { IsHard: true }:
                FlushText(text);
                WriteEmpty("br");
                break;
            case LineBreakInline:
                text.Append('\n');
                break;
            case TaskList task:
                FlushText(text);
                Open("check");
                json.WriteStartObject("a");
                json.WriteBoolean("checked", task.Checked);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case AutolinkInline autolink when _inLink:
                text.Append(autolink.Url);
                break;
            case AutolinkInline autolink:
                FlushText(text);
                WriteLink(
                    autolink.IsEmail ? "mailto:" + autolink.Url : autolink.Url,
                    () => json.WriteStringValue(_mathematics.Restore(autolink.Url)));
                break;
            case LinkInline { IsImage: true } image:
                FlushText(text);
                WriteImage(image);
                break;
            case LinkInline { IsAutoLink: true } address when _inLink:
                WriteInlines(address, text);
                break;
            case LinkInline link:
                FlushText(text);
                WriteLink(link.GetDynamicUrl?.Invoke() ?? link.Url, () => WriteInlines(link));
                break;
            case EmphasisInline emphasis when KindOf(emphasis) is { } kind:
                FlushText(text);
                Open(kind);
                OpenChildren();
                WriteInlines(emphasis);
                CloseChildren();
                break;
            case DelimiterInline delimiter:
                // A mark that turned out to be none is what it was written as.
                text.Append(delimiter.ToLiteral());
                WriteInlines(delimiter, text);
                break;
            case HtmlInline when _inCell:
                FlushText(text);
                WriteEmpty("br");
                break;
            case HtmlInline html:
                text.Append(html.Tag);
                break;
            case ContainerInline container:
                WriteInlines(container, text);
                break;
        }
    }

    private void WriteLink(string? address, Action writeText)
    {
        var safe = SafeAddress.IsSafe(address);
        Open(safe ? "a" : "span");
        if (safe)
        {
            WriteAddress(address!);
        }

        OpenChildren();
        _inLink = true;
        writeText();
        _inLink = false;
        CloseChildren();
    }

    private void WriteImage(LinkInline image)
    {
        Open("image");
        var address = image.GetDynamicUrl?.Invoke() ?? image.Url;
        json.WriteStartObject("a");
        if (SafeAddress.IsSafe(address))
        {
            json.WriteString("href", _mathematics.Restore(address));
        }

        json.WriteEndObject();
        OpenChildren();
        json.WriteStringValue(
            PlainText(image) is { Length: > 0 } description ? _mathematics.Restore(description) : "without a description");
        CloseChildren();
    }

    private void WriteAddress(string address)
    {
        json.WriteStartObject("a");
        json.WriteString("href", _mathematics.Restore(address));
        json.WriteEndObject();
    }

    private void WriteText(string kind, string text)
    {
        Open(kind);
        OpenChildren();
        json.WriteStringValue(_mathematics.Restore(text));
        CloseChildren();
    }

    private void WriteEmpty(string kind)
    {
        Open(kind);
        json.WriteEndObject();
    }

    private void Open(string kind)
    {
        json.WriteStartObject();
        json.WriteString("t", kind);
    }

    private void OpenChildren() => json.WriteStartArray("c");

    private void CloseChildren()
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void FlushText(StringBuilder text)
    {
        if (text.Length > 0)
        {
            json.WriteStringValue(_mathematics.Restore(text.ToString()));
            text.Clear();
        }
    }

    private static string? KindOf(EmphasisInline emphasis) => (emphasis.DelimiterChar, emphasis.DelimiterCount) switch
    {
        ('~', 2) => "del",
        ('*' or '_', 1) => "em",
        ('*' or '_', 2) => "strong",
        _ => null,
    };

    private static string PlainText(ContainerInline inlines) => string.Concat(inlines.Descendants().Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        _ => "",
    }));

    // As the page does: what stands first after the fence, of letters, digits and + # . - _.
    private static string LanguageOf(string info) =>
        new([.. info.TakeWhile(character => char.IsAsciiLetterOrDigit(character) || character is '+' or '#' or '.' or '-' or '_')
            .Take(30)
            .Select(char.ToLowerInvariant)]);
}
