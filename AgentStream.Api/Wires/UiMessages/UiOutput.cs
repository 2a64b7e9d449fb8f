using System.Text.Json;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>What came of a call, as a chat has it and as the log does.</summary>
internal static class UiOutput
{
    /// <summary>The text of an output, whatever it is.</summary>
    public static string TextOf(JsonElement? output)
        => output switch
        {
            null or { ValueKind: JsonValueKind.Undefined } => "",
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { } json => json.GetRawText(),
        };

    /// <summary>The output that was an object or an array, or else text.</summary>
    public static JsonElement Of(string content)
    {
        if (content is ['{' or '[', ..])
        {
            try
            {
                return JsonElement.Parse(content);
            }
            catch (JsonException)
            {
                // A text like any other.
            }
        }

        return OfText(content);
    }

    public static JsonElement OfText(string content) => JsonSerializer.SerializeToElement(content, UiMessageJson.Wire.String);
}
