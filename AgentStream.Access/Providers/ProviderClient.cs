using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Providers;

/// <summary>What a provider says about a person who is signed in.</summary>
internal enum Standing
{
    /// <summary>It knows them, and names their roles.</summary>
    Known,

    /// <summary>It does not take the token any more.</summary>
    Refused,

    /// <summary>It did not answer, or nothing that can be used.</summary>
    Unanswered,
}

/// <summary>Asks a provider about people, by the tokens that it gave. Not for tokens, nor for anything it says, to be logged.</summary>
internal sealed class ProviderClient : IDisposable
{
    private const int LongestAnswer = 256 * 1024;

    private readonly IOptions<OpenIdConnectAccessOptions> _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public ProviderClient(IOptions<OpenIdConnectAccessOptions> provider, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (_options, _time) = (provider, time);

        // No redirects, which would take the token elsewhere; no span for what happens every few seconds.
        _http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            MaxResponseContentBufferSize = LongestAnswer,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private OpenIdConnectAccessOptions Provider => _options.Value;

    /// <summary>Asks userinfo for a person's roles.</summary>
    public async Task<(Standing Standing, IReadOnlyList<string> Roles)> AskAsync(
        ProviderGrant grant, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, grant.UserInfoAddress);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", grant.AccessToken);
        request.Headers.Accept.ParseAdd("application/json");
        var (status, body) = await SendAsync(request, patience, cancellationToken);
        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return (Standing.Refused, []);
        }

        return status == HttpStatusCode.OK && RolesIn(body, grant.Subject) is { } roles
            ? (Standing.Known, roles)
            : (Standing.Unanswered, []);
    }

    /// <summary>Gets another access token.</summary>
    public async Task<(Standing Standing, ProviderGrant Grant)> RenewAsync(
        ProviderGrant grant, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, grant.TokenAddress);
        var form = new List<KeyValuePair<string, string>>
        {
            new("grant_type", "refresh_token"),
            new("refresh_token", grant.RefreshToken!),
            new("client_id", Provider.ClientId),
        };
        if (Provider.ClientSecret.Length > 0)
        {
            form.Add(new("client_secret", Provider.ClientSecret));
        }

        request.Content = new FormUrlEncodedContent(form);
        request.Headers.Accept.ParseAdd("application/json");
        var (status, body) = await SendAsync(request, patience, cancellationToken);
        var answer = Read(body);
        if (status == HttpStatusCode.OK && answer?.AccessToken is { Length: > 0 } token)
        {
            return (Standing.Known, grant with
            {
                AccessToken = token,
                AccessTokenExpires = _time.GetUtcNow() + ProviderTokens.LifetimeOf(answer.ExpiresIn),
                RefreshToken = answer.RefreshToken is { Length: > 0 } next ? next : grant.RefreshToken,
            });
        }

        // Of all that it can say this alone is about the person; the rest is about us, or about it.
        return (answer?.Error == "invalid_grant" ? Standing.Refused : Standing.Unanswered, grant);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode? Status, byte[] Body)> SendAsync(
        HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (null, []);
        }
    }

    // { "sub": "anna", "roles": ["ops"] }; the subject has to be theirs, says the specification, or the rest counts for nothing.
    private List<string>? RolesIn(byte[] body, string subject)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var person = document.RootElement;
            return person.ValueKind == JsonValueKind.Object
                && person.TryGetProperty("sub", out var named) && named.ValueKind == JsonValueKind.String && named.ValueEquals(subject)
                ? RolesOf(person, Provider.RoleClaim) ?? []
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half a character is no text, either.
            return null;
        }
    }

    /// <summary>The roles that a person has by what a provider says of them; <c>null</c>: it says nothing of roles.</summary>
    public static List<string>? RolesOf(JsonElement person, string claim)
        => !person.TryGetProperty(claim, out var roles) ? null
            : roles.ValueKind == JsonValueKind.Array ? [.. roles.EnumerateArray().Select(role => role.ToString())]
            : [roles.ToString()];

    private static TokenAnswer? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ProviderJson.Default.TokenAnswer);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
