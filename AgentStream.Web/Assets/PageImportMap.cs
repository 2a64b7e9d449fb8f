using Microsoft.AspNetCore.Components;

namespace AgentStream.Web.Assets;

/// <summary>Makes the import map of each page as small as it can be: names and hashes can hardly be compressed.</summary>
internal static class PageImportMap
{
    // What stands in these is for one page each, or for who asks for it; without the map it is found under its plain name.
    private static readonly string[] Apart = ["runs", "saved", "shared"];

    /// <summary>Leaves out the modules of other pages, and what only those who sign in need where nobody does.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="signsIn">Whether people are asked who they are.</param>
    public static TBuilder WithOwnModules<TBuilder>(this TBuilder pages, bool signsIn)
        where TBuilder : IEndpointConventionBuilder
    {
        string[] apart = signsIn ? Apart : [.. Apart, "access"];
        pages.Finally(endpoint =>
        {
            var page = (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText ?? "";
            string[] foreign =
            [
                .. apart.Where(name => !page.StartsWith(name, StringComparison.Ordinal)).Select(name => $"./js/chat/{name}/"),
            ];
            for (var index = 0; index < endpoint.Metadata.Count; index++)
            {
                if (endpoint.Metadata[index] is ImportMapDefinition map)
                {
                    endpoint.Metadata[index] = new ImportMapDefinition(
                        Without(foreign, map.Imports), map.Scopes, Without(foreign, map.Integrity));
                }
            }
        });
        return pages;
    }

    private static Dictionary<string, string>? Without(string[] foreign, IReadOnlyDictionary<string, string>? entries)
        => entries?.Where(entry => !Array.Exists(foreign, start => entry.Key.StartsWith(start, StringComparison.Ordinal)))
            .ToDictionary();
}
