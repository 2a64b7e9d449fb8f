using System.Text.Json;

namespace AgentStream.Samples.Terminal;

/// <summary>One frame from the server. Unknown fields and types are for later clients.</summary>
internal sealed record Frame(string Type, long? Seq, long? FirstSeq, string? RunId, JsonElement Data)
{
    private static readonly JsonElement NoData = JsonElement.Parse("{}");

    public static Frame Parse(ReadOnlySpan<byte> json)
    {
        var frame = JsonElement.Parse(json);
        return new Frame(
            frame.GetProperty("type").GetString()!,
            frame.TryGetProperty("seq", out var seq) ? seq.GetInt64() : null,
            frame.TryGetProperty("first_seq", out var first) ? first.GetInt64() : null,
            frame.TryGetProperty("run_id", out var run) ? run.GetString() : null,
            frame.TryGetProperty("data", out var data) ? data : NoData);
    }

    /// <summary>A text field of the data; null where it is missing.</summary>
    public string? Text(string name) => TextOf(Data, name);

    public static string? TextOf(JsonElement data, string name)
        => data.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    public static double? NumberOf(JsonElement data, string name)
        => data.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number ? value.GetDouble() : null;
}
