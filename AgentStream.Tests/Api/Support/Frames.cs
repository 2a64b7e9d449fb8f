using System.Text.Json;

namespace AgentStream.Tests.Api.Support;

/// <summary>What tests say about frames.</summary>
internal static class Frames
{
    public static string Type(this JsonElement frame) => frame.GetProperty("type").GetString()!;

    public static JsonElement Data(this JsonElement frame) => frame.GetProperty("data");

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>A text that may be missing.</summary>
    public static string? Maybe(this JsonElement element, string name)
        => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static long Number(this JsonElement element, string name) => element.GetProperty(name).GetInt64();

    public static bool IsEntry(this JsonElement frame) => frame.TryGetProperty("seq", out _);

    public static long FirstSeq(this JsonElement frame)
        => frame.TryGetProperty("first_seq", out var first) ? first.GetInt64() : frame.Number("seq");

    /// <summary>Every offset once and in order, from the one after <paramref name="after"/>; returns the last.</summary>
    public static long AssertContiguous(IEnumerable<JsonElement> frames, long after)
    {
        foreach (var frame in frames.Where(IsEntry))
        {
            Assert.Equal(after + 1, frame.FirstSeq());
            after = frame.Number("seq");
        }

        return after;
    }
}
