using System.Text.Json.Serialization;

namespace AgentStream.Access.Providers;

/// <summary>What is kept of a sign-in at a provider for as long as it holds, encrypted, where all servers look.</summary>
internal sealed record ProviderGrant
{
    public required string Subject { get; init; }

    /// <summary>What the roles allowed that the provider's userinfo named at the sign-in.</summary>
    public required Scopes Scopes { get; init; }

    public required string UserInfoAddress { get; init; }

    public required string TokenAddress { get; init; }

    public required string AccessToken { get; init; }

    /// <summary>The time at which the access token ends; <c>null</c>: nobody said.</summary>
    public DateTimeOffset? AccessTokenExpires { get; init; }

    public string? RefreshToken { get; init; }

    /// <summary>The time at which the sign-in ends by itself, and this with it.</summary>
    public required DateTimeOffset Until { get; init; }
}

/// <summary>What a provider's token endpoint answers.</summary>
internal sealed record TokenAnswer
{
    public string? AccessToken { get; init; }

    public double? ExpiresIn { get; init; }

    public string? RefreshToken { get; init; }

    public string? Error { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(ProviderGrant))]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class ProviderJson : JsonSerializerContext;
