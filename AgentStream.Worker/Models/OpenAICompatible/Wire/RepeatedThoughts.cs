using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Makes pieces of thoughts that repeat all that was said before: MiniMax's documentation has each chunk do so, its server did both.
/// <code>
/// {"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I need"}]}
/// {"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I need the calculator."}]}
/// </code>
/// </summary>
internal sealed class RepeatedThoughts
{
    private readonly Dictionary<long, string> _said = [];

    public void TakeOut(JsonObject delta)
    {
        foreach (var detail in (delta["reasoning_details"] as JsonArray ?? []).OfType<JsonObject>())
        {
            // Others sign their thoughts to the letter: nothing of theirs is taken for a repetition.
            if (JsonText.Plain(detail["text"]) is { Length: > 0 } text
                && JsonText.Plain(detail["format"])?.StartsWith("MiniMax", StringComparison.OrdinalIgnoreCase) == true)
            {
                var index = JsonText.Number(detail["index"]) ?? 0;
                var said = _said.GetValueOrDefault(index, "");
                var more = text.StartsWith(said, StringComparison.Ordinal) ? text[said.Length..] : text;
                _said[index] = said + more;
                detail["text"] = more;
            }
        }
    }
}
