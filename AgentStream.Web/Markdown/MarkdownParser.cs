using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Parsers.Inlines;
using Markdig.Syntax;

namespace AgentStream.Web.Markdown;

/// <summary>
/// Reads Markdown as the answers of models are written: CommonMark with tables, task lists, strikethrough and bare links,
/// emphasis as Chinese, Japanese and Korean need it, and mathematics left as it is; no HTML.
/// </summary>
internal static class MarkdownParser
{
    private static readonly MarkdownPipeline Pipeline = Build();

    /// <summary>The text, read; null for one that is nested deeper than anybody writes.</summary>
    public static ParsedMarkdown? Parse(string source)
    {
        var mathematics = Mathematics.In(source);
        try
        {
            return new ParsedMarkdown(Markdig.Markdown.Parse(mathematics.Masked, Pipeline), mathematics);
        }
        catch (ArgumentException)
        {
            // The parser's own limit of nesting; it has no type of its own for it.
            return null;
        }
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder()
            .DisableHtml()
            .UsePipeTables()
            .UseTaskLists()
            .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
            .UseCjkFriendlyEmphasis();
        builder.InlineParsers.InsertBefore<AutolinkInlineParser>(new BreakTagParser());
        builder.InlineParsers.Insert(0, new BareAddressParser());
        return builder.Build();
    }
}

/// <summary>A document, and what its mathematics looked like.</summary>
/// <param name="Document">What was read, with mathematics masked.</param>
/// <param name="Mathematics">How it is put back.</param>
internal sealed record ParsedMarkdown(MarkdownDocument Document, Mathematics Mathematics);
