using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>
/// An authorisation server as strict as OAuth 2.1 allows: PKCE, resource indicators, and refresh tokens that are good once;
/// who uses one twice loses the whole sign-in.
/// </summary>
internal sealed class AuthorizationServer : IAsyncDisposable
{
    public const string ClientId = "agentstream-tests";
    public const string ClientSecret = "client-secret-of-tests";

    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _clients = new() { [ClientId] = ClientSecret };
    private readonly Dictionary<string, Dictionary<string, string>> _codes = [];
    private readonly HashSet<string> _access = [];
    private readonly HashSet<string> _refresh = [];
    private readonly List<string> _issued = [];

    public AuthorizationServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/.well-known/oauth-authorization-server", () => Results.Json(Metadata));
        _app.MapPost("/register", Register);
        _app.MapGet("/authorize", (HttpRequest request) => Authorize(request.Query));
        _app.MapPost("/token", async (HttpRequest request) => Token(request, await request.ReadFormAsync()));
    }

    public string Issuer => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Each renewal gives another refresh token, and ends the one before.</summary>
    public bool Rotates { get; init; } = true;

    /// <summary>Clients say who they are in a header, or in the form.</summary>
    public bool TakesBasic { get; init; }

    public int Registrations { get; private set; }

    public int Renewals { get; private set; }

    public int TokensOfClients { get; private set; }

    /// <summary>All that nobody else may learn.</summary>
    public IReadOnlyList<string> Secrets
    {
        get
        {
            lock (_lock)
            {
                return [.. _issued, ClientSecret];
            }
        }
    }

    private object Metadata => new
    {
        issuer = Issuer,
        authorization_endpoint = $"{Issuer}/authorize",
        token_endpoint = $"{Issuer}/token",
        registration_endpoint = $"{Issuer}/register",
        response_types_supported = new[] { "code" },
        grant_types_supported = new[] { "authorization_code", "refresh_token", "client_credentials" },
        token_endpoint_auth_methods_supported = new[] { TakesBasic ? "client_secret_basic" : "client_secret_post" },
        code_challenge_methods_supported = new[] { "S256" },
        authorization_response_iss_parameter_supported = true,
    };

    public Task StartAsync() => _app.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public bool IsGood(string accessToken)
    {
        lock (_lock)
        {
            return _access.Contains(accessToken);
        }
    }

    /// <summary>Access tokens are over from now on; refresh tokens are not.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            _access.Clear();
        }
    }

    /// <summary>Nobody is signed in any more.</summary>
    public void EndSignIns()
    {
        lock (_lock)
        {
            _access.Clear();
            _refresh.Clear();
        }
    }

    private IResult Register()
    {
        lock (_lock)
        {
            Registrations++;
            var (id, secret) = ($"registered-{Registrations}", Issue("secret"));
            _clients[id] = secret;
            return Results.Json(
                new { client_id = id, client_secret = secret, token_endpoint_auth_method = "client_secret_post" }, statusCode: 201);
        }
    }

    // As if the person had agreed at once.
    private IResult Authorize(IQueryCollection query)
    {
        lock (_lock)
        {
            if (!_clients.ContainsKey(query["client_id"].ToString())
                || query["code_challenge_method"] != "S256"
                || !query["resource"].ToString().EndsWith("/mcp", StringComparison.Ordinal)
                || !query["redirect_uri"].ToString().StartsWith("http://127.0.0.1:", StringComparison.Ordinal))
            {
                return Results.BadRequest();
            }

            var code = Issue("code");
            _codes[code] = query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
            return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"].ToString(), new Dictionary<string, string?>
            {
                ["code"] = code, ["state"] = query["state"], ["iss"] = Issuer,
            }));
        }
    }

    private IResult Token(HttpRequest request, IFormCollection form)
    {
        lock (_lock)
        {
            if (!IsClient(request, form))
            {
                return Refused("invalid_client");
            }

            switch (form["grant_type"].ToString())
            {
                case "authorization_code":
                    return _codes.Remove(form["code"].ToString(), out var asked)
                        && asked["code_challenge"] == Challenge(form["code_verifier"].ToString())
                        && asked["redirect_uri"] == form["redirect_uri"]
                        && asked["resource"] == form["resource"]
                        ? Granted(withRefresh: true) : Refused("invalid_grant");
                case "refresh_token" when _refresh.Contains(form["refresh_token"].ToString()):
                    Renewals++;
                    if (Rotates)
                    {
                        _refresh.Remove(form["refresh_token"].ToString());
                    }

                    return Granted(withRefresh: Rotates);
                case "refresh_token":
                    // Used twice: somebody has stolen it.
                    EndSignIns();
                    return Refused("invalid_grant");
                case "client_credentials":
                    TokensOfClients++;
                    return Granted(withRefresh: false);
                default:
                    return Refused("unsupported_grant_type");
            }
        }
    }

    private bool IsClient(HttpRequest request, IFormCollection form)
    {
        var (id, secret) = (form["client_id"].ToString(), form["client_secret"].ToString());
        if (TakesBasic)
        {
            var header = request.Headers.Authorization.ToString();
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..])).Split(':');
            (id, secret) = (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1]));
        }

        return _clients.TryGetValue(id, out var known) && known == secret;
    }

    private IResult Granted(bool withRefresh)
    {
        var access = Issue("access");
        _access.Add(access);
        if (!withRefresh)
        {
            return Results.Json(new { access_token = access, token_type = "Bearer", expires_in = 3600 });
        }

        var refresh = Issue("refresh");
        _refresh.Add(refresh);
        return Results.Json(new { access_token = access, token_type = "Bearer", expires_in = 3600, refresh_token = refresh });
    }

    private string Issue(string kind)
    {
        var text = $"{kind}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        _issued.Add(text);
        return text;
    }

    private static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static IResult Refused(string error) => Results.Json(new { error }, statusCode: 400);
}
