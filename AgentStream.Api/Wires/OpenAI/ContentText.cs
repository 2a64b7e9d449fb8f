using System.Text.Json;
using AgentStream.Api.Commands;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>Reads the content of a message: a text, or parts of which all are text.</summary>
internal static class ContentText
{
    private const string PartSeparator = "\n";

    /// <summary>The text; refused where a part is anything else.</summary>
    /// <param name="content">The content as it came.</param>
    /// <param name="param">What it is called in an error.</param>
    public static Answer<string> Read(JsonElement? content, string param)
    {
        switch (content?.ValueKind)
        {
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                return "";
            case JsonValueKind.String:
                return content.Value.GetString()!;
            case JsonValueKind.Array:
                break;
            default:
                return OpenAIError.Of($"{param} takes a text, or an array of parts.", param);
        }

        List<string> texts = [];
        foreach (var part in content.Value.EnumerateArray())
        {
            if (TextOf(part) is not { } text)
            {
                return OpenAIError.Of(
                    $"{param}[{texts.Count}] is no text: agents take text only, parts of the type text, input_text or output_text.", param);
            }

            texts.Add(text);
        }

        return string.Join(PartSeparator, texts.Where(text => text.Length > 0));
    }

    private static string? TextOf(JsonElement part)
    {
        if (part.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var name = part.TryGetProperty("type"u8, out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        return name switch
        {
            "text" or "input_text" or "output_text" => StringOf(part, "text"u8),
            "refusal" => StringOf(part, "refusal"u8),
            _ => null,
        };
    }

    private static string? StringOf(JsonElement part, ReadOnlySpan<byte> name)
        => part.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
