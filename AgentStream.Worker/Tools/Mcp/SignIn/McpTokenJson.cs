using System.Text.Json.Serialization;
using ModelContextProtocol.Authentication;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>What an authorisation server answers who asks it for a token (RFC 6749, section 5.1).</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; init; }

    [JsonPropertyName("token_type")]
    public string? TokenType { get; init; }

    [JsonPropertyName("expires_in")]
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public int? ExpiresIn { get; init; }

    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; init; }

    [JsonPropertyName("scope")]
    public string? Scope { get; init; }

    // A record would write its members; nothing that can be logged has a token in it.
    public override string ToString() => nameof(TokenAnswer);
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenContainer))]
internal sealed partial class McpTokenJson : JsonSerializerContext;
