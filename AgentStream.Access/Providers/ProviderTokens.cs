namespace AgentStream.Access;

/// <summary>What a provider gave with a sign-in, by which it can be asked about the person again.</summary>
internal sealed record ProviderTokens
{
    /// <summary>What the provider calls the person.</summary>
    public required string Subject { get; init; }

    /// <summary>The roles that its userinfo named.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The address of its userinfo.</summary>
    public required string UserInfoAddress { get; init; }

    /// <summary>The address at which it gives other tokens.</summary>
    public required string TokenAddress { get; init; }

    public required string AccessToken { get; init; }

    /// <summary>The time for which the access token is good; <c>null</c>: the provider did not say.</summary>
    public TimeSpan? AccessTokenLifetime { get; init; }

    /// <summary><c>null</c>: the provider gave none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>The time that a provider names, in seconds; <c>null</c>: it names none, or one that can't be.</summary>
    public static TimeSpan? LifetimeOf(double? seconds)
        => seconds is > 0 and < 1e9 ? TimeSpan.FromSeconds(seconds.Value) : null;
}
