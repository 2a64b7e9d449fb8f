using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>
/// Puts U+FFFD where JSON escapes half of a character (<c>"\ud83d"</c>). Such JSON parses, and can be neither read as text nor written
/// again.
/// Servers send it that cut a text at a number of UTF-16 units.
/// </summary>
internal static partial class WholeText
{
    /// <returns>The same with whole characters; null: it has them already.</returns>
    public static JsonNode? Of(JsonNode node)
    {
        try
        {
            using var nowhere = new Utf8JsonWriter(Stream.Null);
            node.WriteTo(nowhere);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return Repaired(node);
        }
    }

    private static JsonNode? Repaired(JsonNode? node) => node switch
    {
        JsonObject parent => new JsonObject(parent.Select(member => KeyValuePair.Create(member.Key, Repaired(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Repaired)]),
        JsonValue value when value.TryGetValue(out JsonElement element) =>
            JsonNode.Parse(HalfOrWhole().Replace(element.GetRawText(), static match =>
                match.Groups["half"].Success ? "\\ufffd" : match.Value)),
        _ => node?.DeepClone(),
    };

    // Every escape is taken in turn, so that the backslash of a "\\" never begins one: a pair, a half, or anything else.
    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)")]
    private static partial Regex HalfOrWhole();
}
