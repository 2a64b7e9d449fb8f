using System.Text.Json.Serialization;

namespace AgentStream.Web.Markdown;

/// <summary>A request of the page: blocks of Markdown, each to be read on its own.</summary>
internal sealed record MarkdownRequest
{
    public required IReadOnlyList<string> Blocks { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MarkdownRequest))]
internal sealed partial class MarkdownJson : JsonSerializerContext;
