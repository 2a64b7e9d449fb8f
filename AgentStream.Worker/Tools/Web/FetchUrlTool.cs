using System.ComponentModel;

namespace AgentStream.Worker.Tools.Web;

/// <summary><c>fetch_url</c>: the readable text of a page of the public internet.</summary>
internal static class FetchUrlTool
{
    public const string Name = "fetch_url";

    public static AgentTool Create(PageFetcher fetcher) => new(ToolFunction.Create(
        ([Description("The absolute http or https address of the page.")] string url, CancellationToken cancellationToken) =>
            FetchAsync(fetcher, url, cancellationToken),
        Name,
        "Fetches a page of the public internet and returns its readable text as Markdown, with the address it came from. Use it to read a "
        + "page whose address you know or were given. "
            + "Name the address as the source of what you take from it."))
    {
        IsIdempotent = true,
        IsConcurrencySafe = true,
    };

    private static async Task<string> FetchAsync(PageFetcher fetcher, string url, CancellationToken cancellationToken)
    {
        var page = await fetcher.FetchAsync(url, cancellationToken);
        var text = PageText.Of(page) is { Length: > 0 } read ? read : "(The page has no readable text.)";
        var end = page.IsCut ? "\n\n(The page is longer than may be read; its end is missing.)" : "";
        return $"Source: {page.Url.AbsoluteUri}\n\n{text}{end}";
    }
}
