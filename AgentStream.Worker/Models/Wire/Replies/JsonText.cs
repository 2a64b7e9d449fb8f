using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>Finds text in the shapes that servers give it.</summary>
internal static class JsonText
{
    /// <summary>Text, or the text parts of a list of parts; null if there is none.</summary>
    public static string? Of(JsonNode? node) => node switch
    {
        JsonArray parts => string.Concat(parts.Select(
            part => part is JsonObject { } one && IsThinking(one) ? null : Of(part is JsonObject inner ? inner["text"] : part))),
        _ => Plain(node),
    };

    /// <summary>The thoughts in a delta or message. Servers that send them under two names mean the same text.</summary>
    public static string? Reasoning(JsonObject delta) =>
        Filled(Of(delta["reasoning_content"]))
            ?? Filled(Of(delta["reasoning"]))
            ?? Filled(Of(delta["thinking"]))
            // OpenRouter: [{"type":"reasoning.text","text":"..."}]
            ?? Filled(Of(delta["reasoning_details"]))
            // Mistral: [{"type":"thinking","thinking":[{"type":"text","text":"..."}]}, {"type":"text","text":"..."}]
            ?? (delta["content"] is JsonArray parts
                ? Filled(string.Concat(parts.OfType<JsonObject>().Where(IsThinking).Select(part => Of(part["thinking"]))))
                : null);

    /// <summary>A JSON string's text.</summary>
    public static string? Plain(JsonNode? node)
        => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A number without its fraction.</summary>
    public static long? Number(JsonNode? node) =>
        node is JsonValue value
            && value.GetValueKind() == JsonValueKind.Number
            && double.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) < long.MaxValue / 2
            ? (long)number
            : null;

    public static bool IsTrue(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static bool IsThinking(JsonObject part) => Plain(part["type"]) == "thinking";

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
