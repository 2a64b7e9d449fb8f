using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools.Output;

/// <summary>Turns whatever a function returned into the text that a model reads and a person sees.</summary>
internal static class ToolResultText
{
    public static string Of(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "",
        JsonElement json => JsonSerializer.Serialize(json, ToolJsonContext.Relaxed.JsonElement),
        TextContent text => text.Text,
        DataContent data => $"[{data.MediaType}, {data.Data.Length} bytes]",
        IEnumerable<AIContent> contents => string.Join('\n', contents.Select(Of)),
        _ => Of(JsonSerializer.SerializeToElement(result, AIJsonUtilities.DefaultOptions.GetTypeInfo(result.GetType()))),
    };
}
