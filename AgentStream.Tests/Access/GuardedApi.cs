using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Access.Records;
using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Tests.Access;

/// <summary>An API that asks everybody who they are: by keys, tokens, a proxy's word and the cookie of a sign-in.</summary>
internal sealed class GuardedApi : IAsyncDisposable
{
    public const string Secret = "0123456789-0123456789-0123456789-secret";
    public const string Issuer = "https://issuer.example";
    public const string Audience = "agentstream";
    public const string Code = "open sesame, please";
    public const string UserHeader = "X-Test-User";
    public const string RolesHeader = "X-Test-Roles";

    private GuardedApi(ApiHost host) => Host = host;

    public ApiHost Host { get; }

    public HttpClient Http => Host.Http;

    public AccessRecords Records => Host.Services.GetRequiredService<AccessRecords>();

    public ApiKeys Keys => new(Host.Services.GetRequiredService<IAccessStore>(), Host.Services.GetRequiredService<TimeProvider>());

    public Tickets Tickets => Host.Services.GetRequiredService<Tickets>();

    public static async Task<GuardedApi> StartAsync(
        Dictionary<string, string?>? settings = null, TimeProvider? time = null, ILoggerProvider? logs = null,
        Action<IServiceCollection>? services = null)
    {
        var all = new Dictionary<string, string?>
        {
            ["AgentStream:Access:Tls"] = "false",
            ["AgentStream:Access:Code:Code"] = Code,
            ["AgentStream:Access:Keys:Enabled"] = "true",
            ["AgentStream:Access:Jwt:Key"] = Secret,
            ["AgentStream:Access:Jwt:Issuer"] = Issuer,
            ["AgentStream:Access:Jwt:Audience"] = Audience,
            ["AgentStream:Access:Header:Name"] = UserHeader,
            ["AgentStream:Access:Header:Roles"] = RolesHeader,
            ["AgentStream:Access:Header:Proxies"] = "127.0.0.1",
        };
        foreach (var (name, value) in settings ?? [])
        {
            all[name] = value;
        }

        return new GuardedApi(await ApiHost.StartAsync(all, time, services, logs: logs));
    }

    /// <summary>A new key, as it stands in <c>Authorization</c>.</summary>
    public async Task<string> KeyAsync(string name, Scopes scopes = Scopes.Read | Scopes.Chat | Scopes.Approve, TimeSpan? lifetime = null)
    {
        var text = await Keys.AddAsync(name, scopes, lifetime, CancellationToken.None);
        await Records.LookAsync(CancellationToken.None);
        return $"Bearer {text}";
    }

    /// <summary>A token, as it stands in <c>Authorization</c>.</summary>
    public static string Token(
        string? subject = "anna",
        string issuer = Issuer,
        string audience = Audience,
        SigningCredentials? signing = null,
        DateTime? expires = null,
        Claim[]? claims = null)
    {
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return "Bearer " + handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Subject = new ClaimsIdentity([.. subject is null ? [] : new[] { new Claim("sub", subject) }, .. claims ?? []]),
            IssuedAt = DateTime.UtcNow.AddHours(-2),
            NotBefore = DateTime.UtcNow.AddHours(-2),
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            SigningCredentials = signing ?? Sign(Secret),
        });
    }

    public static SigningCredentials Sign(string secret, string algorithm = SecurityAlgorithms.HmacSha256)
        => new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), algorithm);

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? authorization = null, object? body = null, Action<HttpRequestHeaders>? headers = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        headers?.Invoke(request.Headers);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Begins a session.</summary>
    public async Task BeginAsync(string sessionId, string authorization)
    {
        using var response = await SendAsync(
            HttpMethod.Post, $"/api/sessions/{sessionId}/messages", authorization, new { message = "mine", message_id = "m1" });
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Adds a file to a session, and sends a message with it.</summary>
    /// <returns>The file's id.</returns>
    public async Task<string> AttachAsync(string sessionId, string authorization)
    {
        using var added = await SendAsync(HttpMethod.Post, $"/api/sessions/{sessionId}/attachments", authorization, new { text = "mine" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var id = (await added.Content.ReadFromJsonAsync<JsonElement>()).Text("id")!;
        using var response = await SendAsync(
            HttpMethod.Post, $"/api/sessions/{sessionId}/messages", authorization,
            new { message = "with a file", attachments = new[] { id } });
        response.EnsureSuccessStatusCode();
        return id;
    }

    /// <summary>A new link to a session, and its secret as it stands in <c>Authorization</c>.</summary>
    public async Task<(string Id, string Authorization)> LinkAsync(string sessionId, string owner, int? expiresIn = null)
    {
        using var response = await SendAsync(HttpMethod.Post, $"/api/sessions/{sessionId}/links", owner, new { expires_in = expiresIn });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var link = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (link.Text("link_id")!, $"Bearer {link.Text("secret")}");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
