using Markdig;
using Markdig.Syntax;

namespace AgentStream.Api.Http.Export;

/// <summary>Blocks of Markdown that a text leaves open at its end: what follows it in a file would be read as theirs.</summary>
internal static class OpenBlocks
{
    // Blocks alone: what is in them means nothing here, and costs most.
    private static readonly MarkdownPipeline Pipeline = BlocksOnly();

    /// <summary>
    /// The line that ends the text's last block; <c>null</c>: it needs none.
    /// Whatever stands in a quotation or in a list ends with that, at the next line which is not indented.
    /// </summary>
    public static string? EndOf(string text) => Parse(text)?.LastChild switch
    {
        FencedCodeBlock { ClosingFencedCharCount: 0 } fence => new string(fence.FencedChar, fence.OpeningFencedCharCount),
        HtmlBlock { Type: HtmlBlockType.Comment } comment when !Ends(comment, "-->") => "-->",
        HtmlBlock { Type: HtmlBlockType.ProcessingInstruction } instruction when !Ends(instruction, "?>") => "?>",
        HtmlBlock { Type: HtmlBlockType.DocumentType } declaration when !Ends(declaration, ">") => ">",
        HtmlBlock { Type: HtmlBlockType.CData } data when !Ends(data, "]]>") => "]]>",

        // <script>, <pre>, <style>, <textarea>: the end of any of them ends each.
        HtmlBlock { Type: HtmlBlockType.ScriptPreOrStyle } raw when !Ends(raw, "</script>")
            && !Ends(raw, "</pre>")
            && !Ends(raw, "</style>")
            && !Ends(raw, "</textarea>") => "</pre>",
        _ => null,
    };

    private static bool Ends(HtmlBlock block, string end) => block.Lines.ToString().Contains(end, StringComparison.OrdinalIgnoreCase);

    private static MarkdownDocument? Parse(string text)
    {
        try
        {
            return Markdown.Parse(text, Pipeline);
        }
        catch (ArgumentException)
        {
            // Nested deeper than the parser goes, so the last block is in a quotation or a list.
            return null;
        }
    }

    private static MarkdownPipeline BlocksOnly()
    {
        var builder = new MarkdownPipelineBuilder();
        builder.InlineParsers.Clear();
        return builder.Build();
    }
}
