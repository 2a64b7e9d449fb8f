using Markdig;
using Markdig.Syntax;

namespace AgentStream.Web.Markdown;

/// <summary>
/// Reads Markdown as the answers of models are written: CommonMark with tables, task lists, strikethrough and bare links; no HTML.
/// </summary>
internal static class MarkdownParser
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseTaskLists()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks(new Markdig.Extensions.AutoLinks.AutoLinkOptions { AllowDomainWithoutPeriod = true })
        .Build();

    /// <summary>The document, or null for one that is nested deeper than anybody writes.</summary>
    public static MarkdownDocument? Parse(string source)
    {
        try
        {
            return Markdig.Markdown.Parse(source, Pipeline);
        }
        catch (ArgumentException)
        {
            // The parser's own limit of nesting; it has no type of its own for it.
            return null;
        }
    }
}
