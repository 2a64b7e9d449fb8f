using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using ModelContextProtocol.Protocol;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>Makes text of what an MCP tool returned. What is no text is described, not passed on: models that can't see it would read kilobytes of base64.</summary>
internal static class McpResultText
{
    public static string Of(CallToolResult result)
    {
        var texts = result.Content.Select(Of).Where(text => text.Length > 0).ToList();
        if (texts.Count == 0 && result.StructuredContent is { } structured)
        {
            return JsonSerializer.Serialize(structured, ToolJsonContext.Relaxed.JsonElement);
        }

        return string.Join('\n', texts);
    }

    private static string Of(ContentBlock block) => block switch
    {
        TextContentBlock text => text.Text,
        ImageContentBlock image => $"[an image, {image.MimeType}, {image.DecodedData.Length} bytes: not shown]",
        AudioContentBlock audio => $"[a sound, {audio.MimeType}, {audio.DecodedData.Length} bytes: not played]",
        EmbeddedResourceBlock { Resource: TextResourceContents text } => $"[{text.Uri}]\n{text.Text}",
        EmbeddedResourceBlock { Resource: BlobResourceContents blob } => $"[{blob.Uri}, {blob.MimeType ?? "application/octet-stream"}, {blob.DecodedData.Length} bytes: no text]",
        ResourceLinkBlock link => $"[a link to {link.Uri}{(string.IsNullOrEmpty(link.Name) ? "" : $", {link.Name}")}]",
        _ => $"[a part of the kind '{block.Type}', which can't be shown]",
    };
}
