using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Tests.Support;

/// <summary>What the client of one socket knows of <c>agentstream.v2</c>: it writes short frames out.</summary>
internal sealed class ShortFrames
{
    private static readonly JsonSerializerOptions AsTheyCame = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private JsonElement? _before;

    /// <summary>The whole frame; fails where a short one goes on from nothing.</summary>
    public JsonElement Read(JsonElement frame)
    {
        if (!frame.TryGetProperty("seq", out _))
        {
            return frame;
        }

        if (!frame.TryGetProperty("type", out _))
        {
            Assert.True(_before is not null, $"there is no delta to go on from: {frame.GetRawText()}");
            frame = Continue(_before.Value, frame);
        }

        _before = frame.GetProperty("type").GetString() == "step_delta" ? frame : null;
        return frame;
    }

    private static JsonElement Continue(JsonElement before, JsonElement frame)
    {
        var whole = JsonObject.Create(before)!;
        whole.Remove("first_seq");
        foreach (var field in frame.EnumerateObject())
        {
            (field.Name == "delta" ? whole["data"]! : whole)[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        }

        return JsonElement.Parse(whole.ToJsonString(AsTheyCame));
    }
}
