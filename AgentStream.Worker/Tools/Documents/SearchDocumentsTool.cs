using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace AgentStream.Worker.Tools.Documents;

/// <summary><c>search_documents</c>: passages of the configured folder, each with its source.</summary>
internal static class SearchDocumentsTool
{
    public const string Name = "search_documents";

    private const int DefaultResults = 5;
    private const int MaxResults = 20;
    private const int MaxQuery = 1000;

    public static AgentTool Create(DocumentIndex index) => new(ToolFunction.Create(
        ([Description("The words to look for, in the language of the documents.")] string query,
            CancellationToken cancellationToken,
            [Description("How many passages, 1 to 20. Default 5.")] int? max_results = null) =>
            SearchAsync(index, query, max_results ?? DefaultResults, cancellationToken),
        Name,
        "Searches the documents of this service and returns the passages that fit best, each with its source (file#heading, lines). Use it "
        + "for every question that the documents may answer. "
            + "It finds words, not meanings: try other words if nothing fits. Name the sources of what you take from it."))
    {
        IsIdempotent = true,
        IsConcurrencySafe = true,
    };

    private static async Task<string> SearchAsync(DocumentIndex index, string query, int count, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(query) || query.Length > MaxQuery)
        {
            throw new ToolException($"The query takes 1 to {MaxQuery} characters: the words to look for.");
        }

        if (count is < 1 or > MaxResults)
        {
            throw new ToolException($"max_results takes 1 to {MaxResults}.");
        }

        var hits = await index.SearchAsync(query, count, cancellationToken);
        if (hits.Count == 0)
        {
            return "No passage of the documents has any of these words.";
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{hits.Count} {(hits.Count == 1 ? "passage" : "passages")}, best first.");
        for (var i = 0; i < hits.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n\n[{i + 1}] {SourceOf(hits[i])}\n{hits[i].Passage.Text}");
        }

        return text.ToString();
    }

    private static string SourceOf(Hit hit)
    {
        var heading = hit.Passage.Heading is { Length: > 0 } name ? "#" + name : "";
        return $"{hit.Document.Path}{heading} (lines {hit.Passage.FirstLine}-{hit.Passage.LastLine})";
    }
}
