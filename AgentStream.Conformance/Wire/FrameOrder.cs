using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Conformance.Wire;

/// <summary>The rules that hold for all frames of a connection: the sections "Conventions", "Short frames" and "Resuming".</summary>
internal sealed class FrameOrder
{
    private JsonElement? _before;
    private bool _isConnected;
    private long? _last;

    /// <summary>Checks a frame, and writes it out where it is short.</summary>
    public JsonElement Take(JsonElement frame)
    {
        Promise.Same(JsonValueKind.Object, frame.ValueKind, "what a frame is");
        var isEntry = frame.TryGetProperty("seq", out var seq);
        if (isEntry && !frame.TryGetProperty("type", out _))
        {
            Promise.Holds(_before is not null, "a short frame came with no delta before it");
            frame = WriteOut(_before!.Value, frame);
        }

        Promise.Holds(frame.Type() is { Length: > 0 }, "a frame has no type");
        Promise.Same(JsonValueKind.Object, frame.GetProperty("data").ValueKind, $"the data of {frame.Type()}");
        Promise.Holds(_isConnected || frame.Type() == "connected", $"{frame.Type()} came before connected");
        if (isEntry)
        {
            TakeEntry(frame, seq.GetInt64());
        }
        else if (frame.Type() is "snapshot" or "resync")
        {
            (_last, _before) = (frame.Data("last_seq").GetInt64(), null);
        }

        _isConnected = true;
        return frame;
    }

    private void TakeEntry(JsonElement frame, long seq)
    {
        Promise.Holds(frame.GetProperty("run_id").GetString() is { Length: > 0 }, $"entry {seq} has no run_id");
        Promise.Holds(frame.GetProperty("timestamp").GetDouble() > 0, $"entry {seq} has no timestamp");
        var first = frame.FirstSeq();
        Promise.Holds(first <= seq, $"entry {seq} begins at {first}");
        Promise.Holds(first == seq || frame.Type() == "step_delta", $"entry {seq} is no delta and stands for several");
        Promise.Same((_last ?? first - 1) + 1, first, "the next offset");
        _last = seq;
        _before = frame.Type() == "step_delta" ? frame : null;
    }

    private static JsonElement WriteOut(JsonElement before, JsonElement frame)
    {
        var whole = JsonObject.Create(before)!;
        whole.Remove("first_seq");
        foreach (var field in frame.EnumerateObject())
        {
            (field.Name == "delta" ? whole["data"]! : whole)[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        }

        return JsonElement.Parse(whole.ToJsonString());
    }
}
