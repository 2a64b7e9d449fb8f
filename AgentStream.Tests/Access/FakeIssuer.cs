using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Tests.Access;

/// <summary>A provider that publishes where its keys are, and its keys, and signs with another one from one moment to the next.</summary>
internal sealed class FakeIssuer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private RSA _key = RSA.Create(2048);
    private int _keys;

    private FakeIssuer(WebApplication server) => _server = server;

    /// <summary>What <c>iss</c> says, and <c>AgentStream:Access:Jwt:Authority</c>.</summary>
    public string Address => _server.Urls.Single();

    public static async Task<FakeIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        var issuer = new FakeIssuer(server);
        server.Run(issuer.AnswerAsync);
        await server.StartAsync();
        return issuer;
    }

    /// <summary>From now on there is another key, and the one before is not published any more.</summary>
    public void Rotate()
    {
        _keys++;
        _key.Dispose();
        _key = RSA.Create(2048);
    }

    /// <summary>A token, as it stands in <c>Authorization</c>.</summary>
    public string Token(string subject, string? issuer = null)
        => GuardedApi.Token(subject, issuer ?? Address, signing: new SigningCredentials(
            new RsaSecurityKey(_key.ExportParameters(true)) { KeyId = $"key-{_keys}" }, SecurityAlgorithms.RsaSha256));

    /// <summary>A token of these claims, signed by the key of the moment.</summary>
    public string Sign(JsonObject claims, string type = "logout+jwt")
        => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            claims.ToJsonString(),
            new SigningCredentials(
                new RsaSecurityKey(_key.ExportParameters(true)) { KeyId = $"key-{_keys}" }, SecurityAlgorithms.RsaSha256),
            new Dictionary<string, object> { ["typ"] = type });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        var key = _key.ExportParameters(false);
        return context.Response.WriteAsync(context.Request.Path == "/.well-known/openid-configuration"
            ? $$"""{"issuer":"{{Address}}","jwks_uri":"{{Address}}/keys"}"""
            : $$"""
            {"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"key-{{_keys}}",
            "n":"{{Base64UrlEncoder.Encode(key.Modulus)}}","e":"{{Base64UrlEncoder.Encode(key.Exponent)}}"}]}
            """);
    }
}
