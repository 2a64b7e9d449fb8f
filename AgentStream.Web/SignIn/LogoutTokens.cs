using System.Text.Json;
using AgentStream.Access;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Web.SignIn;

/// <summary>What a logout token says, or what is wrong with it.</summary>
internal sealed record LogoutToken
{
    /// <summary>A sentence for whoever runs the provider; <c>null</c>: it is good.</summary>
    public string? Problem { get; init; }

    public string? Issuer { get; init; }

    public string? Subject { get; init; }

    /// <summary>The one session at the provider that is over; <c>null</c>: all of the subject's.</summary>
    public string? Session { get; init; }
}

/// <summary>
/// Reads logout tokens as OpenID Connect Back-Channel Logout 1.0 (section 2.6) wants them: signed by the provider, for this client,
/// made just now, used once, about a sign-out and nothing else.
/// </summary>
internal sealed class LogoutTokens(ProviderGrants grants, TimeProvider time) : IDisposable
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    /// <summary>A provider sends them at once; clocks may differ.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FetchPause = TimeSpan.FromSeconds(10);

    private static readonly string[] Types = ["logout+jwt", "application/logout+jwt", "JWT"];

    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly SemaphoreSlim _turn = new(1, 1);
    private OpenIdConnectConfiguration? _fetched;
    private long _fetchedAt;

    public void Dispose() => _turn.Dispose();

    public async Task<LogoutToken> ReadAsync(string text, OpenIdConnectOptions provider, CancellationToken cancellationToken)
    {
        var result = await ValidateAsync(text, provider, cancellationToken);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            return Refuse("It is not signed by this provider for this client, or its time is over.");
        }

        using var claims = Parse(token);
        if (claims is null)
        {
            return Refuse("Its claims are no JSON, or are there twice.");
        }

        var said = claims.RootElement;
        var now = time.GetUtcNow();
        var problem =
            !string.IsNullOrEmpty(token.Typ) && !Types.Contains(token.Typ, StringComparer.OrdinalIgnoreCase) ? "Its typ is another one."
            : !HasEvent(said) ? "Its events do not say that somebody signed out."
            : said.TryGetProperty("nonce", out _) ? "It has a nonce, which only tokens of a sign-in have."
            : Text(said, "sub") is null && Text(said, "sid") is null ? "It names neither sub nor sid."
            : !IsOfJustNow(said, now) ? "Its iat is missing, or not of just now."
            : Text(said, "jti") is not { } id ? "It has no jti."
            : !await grants.TryTakeAsync(token.Issuer, id, Oldest + ClockSkew + ClockSkew, cancellationToken) ? "It was sent before."
            : null;
        return problem is null
            ? new LogoutToken { Issuer = token.Issuer, Subject = Text(said, "sub"), Session = Text(said, "sid") }
            : Refuse(problem);
    }

    private async Task<TokenValidationResult> ValidateAsync(string text, OpenIdConnectOptions provider, CancellationToken cancellationToken)
    {
        try
        {
            var known = await provider.ConfigurationManager!.GetConfigurationAsync(cancellationToken);
            var result = await ValidateAsync(text, provider.ClientId!, known);

            // It may sign with other keys by now.
            return result.Exception is SecurityTokenSignatureKeyNotFoundException
                && await FetchAsync(provider, cancellationToken) is { } fresh
                ? await ValidateAsync(text, provider.ClientId!, fresh)
                : result;
        }
        catch (Exception exception) when (exception is InvalidOperationException or HttpRequestException or IOException)
        {
            // Its description could not be read.
            return new TokenValidationResult { IsValid = false, Exception = exception };
        }
    }

    private Task<TokenValidationResult> ValidateAsync(string text, string client, OpenIdConnectConfiguration known)
        => new JsonWebTokenHandler().ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidIssuer = known.Issuer,
            ValidAudience = client,
            IssuerSigningKeys = known.SigningKeys,
            ValidAlgorithms = Algorithms,
            RequireExpirationTime = false,
            LifetimeValidator = (from, until, _, _) => IsNow(from, until),
        });

    /// <summary>Reads the provider's keys anew; not more often than now and then, whoever makes up tokens.</summary>
    private async Task<OpenIdConnectConfiguration?> FetchAsync(OpenIdConnectOptions provider, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_fetched is null || time.GetElapsedTime(_fetchedAt) >= FetchPause)
            {
                _fetchedAt = time.GetTimestamp();
                _fetched = await OpenIdConnectConfigurationRetriever.GetAsync(
                    provider.MetadataAddress,
                    new HttpDocumentRetriever(provider.Backchannel) { RequireHttps = provider.RequireHttpsMetadata },
                    cancellationToken);
            }

            return _fetched;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static JsonDocument? Parse(JsonWebToken token)
    {
        try
        {
            return JsonDocument.Parse(
                Base64UrlEncoder.DecodeBytes(token.EncodedPayload), new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsNow(DateTime? from, DateTime? until)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return !(from > now + ClockSkew) && !(until < now - ClockSkew);
    }

    private static bool IsOfJustNow(JsonElement claims, DateTimeOffset now)
        => claims.TryGetProperty("iat", out var made) && made.ValueKind == JsonValueKind.Number && made.TryGetDouble(out var seconds)
            && Math.Abs(seconds) < int.MaxValue * 16.0
            && DateTimeOffset.UnixEpoch.AddSeconds(seconds) is var at && at >= now - Oldest && at <= now + ClockSkew;

    private static bool HasEvent(JsonElement claims)
        => claims.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Object
            && events.TryGetProperty(Event, out var one) && one.ValueKind == JsonValueKind.Object;

    private static string? Text(JsonElement claims, string name)
        => claims.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    private static LogoutToken Refuse(string problem) => new() { Problem = problem };
}
