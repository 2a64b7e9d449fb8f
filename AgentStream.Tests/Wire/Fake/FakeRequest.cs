using System.Text.Json;

namespace AgentStream.Tests.Wire.Fake;

/// <summary>A request that the server got.</summary>
/// <param name="Path">The path.</param>
/// <param name="Authorization">The header, or nothing.</param>
/// <param name="Body">The JSON.</param>
internal sealed record FakeRequest(string Path, string Authorization, JsonElement Body)
{
    /// <summary>Anthropic's header for the key, or nothing.</summary>
    public string ApiKey { get; init; } = "";

    public bool Streams => Body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;

    public bool HasStreamOptions => Body.TryGetProperty("stream_options", out _);
}
