using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Access;
using AgentStream.Tests.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Tests.Web.SignIn;

/// <summary>Who may say that somebody signed out at the provider: the provider, about this client, once, and just now.</summary>
public sealed class BackChannelTests : IAsyncLifetime, IDisposable
{
    private const string Client = "agentstream";
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private FakeIssuer _issuer = null!;
    private SignInSite _site = null!;
    private HttpClient _provider = null!;

    public async Task InitializeAsync()
    {
        _issuer = await FakeIssuer.StartAsync();
        _site = await SignInSite.StartAsync(
            ("AgentStream:Access:OpenIdConnect:Authority", _issuer.Address), ("AgentStream:Access:OpenIdConnect:ClientId", Client));
        _provider = new HttpClient { BaseAddress = _site.Address };
    }

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    public void Dispose() => _provider.Dispose();

    [Fact]
    public async Task Token_OfTheProvider_EndsTheSignInsOfItsSubjectAlone()
    {
        var anna = SignIn("anna");
        var ben = SignIn("ben");

        using var answer = await SendAsync(_issuer.Sign(Claims()));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.False(IsGood(anna));
        Assert.True(IsGood(ben));
    }

    [Fact]
    public async Task Token_WithASession_EndsThatSignInAlone()
    {
        var here = SignIn("anna");
        var elsewhere = SignIn("anna");
        var grants = _site.Services.GetRequiredService<ProviderGrants>();
        await grants.LinkAsync(here, _issuer.Address, "session-1", default);
        await grants.LinkAsync(elsewhere, _issuer.Address, "session-2", default);

        using var answer = await SendAsync(_issuer.Sign(Claims(claims => claims["sid"] = "session-1")));
        using var unknown = await SendAsync(_issuer.Sign(Claims(claims => claims["sid"] = "session-3")));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (answer.StatusCode, unknown.StatusCode));
        Assert.False(IsGood(here));
        Assert.True(IsGood(elsewhere));
    }

    [Fact]
    public async Task Token_WithASession_EndsAllSignInsOfIt()
    {
        var grants = _site.Services.GetRequiredService<ProviderGrants>();
        var callers = Enumerable.Range(0, 34).Select(_ => SignIn("anna")).ToList();
        await Task.WhenAll(callers.Take(31).Select(caller => grants.LinkAsync(caller, _issuer.Address, "session-1", default)));
        Assert.All(callers, caller => Assert.True(IsGood(caller)));

        foreach (var caller in callers.Skip(31))
        {
            await grants.LinkAsync(caller, _issuer.Address, "session-1", default);
        }

        // No session has more than 32: those that can't be kept are over.
        Assert.Equal(32, callers.Count(IsGood));
        Assert.True(IsGood(callers[^1]));

        using var answer = await SendAsync(_issuer.Sign(Claims(claims => claims["sid"] = "session-1")));
        Assert.DoesNotContain(callers, IsGood);

        var again = SignIn("anna");
        await grants.LinkAsync(again, _issuer.Address, "session-1", default);
        using var second = await SendAsync(_issuer.Sign(Claims(claims => claims["sid"] = "session-1")));
        Assert.False(IsGood(again));
    }

    [Fact]
    public async Task Token_WithASessionAndNoSubject_IsTaken()
    {
        var here = SignIn("anna");
        await _site.Services.GetRequiredService<ProviderGrants>().LinkAsync(here, _issuer.Address, "session-1", default);

        using var answer = await SendAsync(_issuer.Sign(Claims(claims =>
        {
            claims.Remove("sub");
            claims["sid"] = "session-1";
        })));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(IsGood(here));
    }

    [Fact]
    public async Task Token_SentTwice_IsRefusedTheSecondTime()
    {
        var token = _issuer.Sign(Claims());
        using var first = await SendAsync(token);
        var anna = SignIn("anna");

        using var second = await SendAsync(token);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (first.StatusCode, second.StatusCode));
        Assert.True(IsGood(anna));
    }

    [Fact]
    public async Task Token_OfNewKeys_IsTakenOnceTheyAreKnown()
    {
        using var first = await SendAsync(_issuer.Sign(Claims()));
        _issuer.Rotate();

        using var second = await SendAsync(_issuer.Sign(Claims()));

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    public static TheoryData<string> Forgeries =>
    [
        "another issuer", "another audience", "no audience", "no iat", "iat of long ago", "iat of the future", "iat as text", "ended",
        "no jti", "no events", "other events", "event that is no object", "events as text", "nonce", "neither sub nor sid",
        "sub that is no text", "another key", "shared secret", "no signature", "another type", "no token",
        "twice", "not a form", "not a token", "too long",
    ];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Token_ThatIsNotInOrder_IsRefusedAndEndsNothing(string what)
    {
        var anna = SignIn("anna");
        var claims = Claims(all => Spoil(all, what));
        await using var stranger = await FakeIssuer.StartAsync();
        using var content = what switch
        {
            "another key" => Form(stranger.Sign(claims)),
            "shared secret" => Form(new Microsoft.IdentityModel.JsonWebTokens.JsonWebTokenHandler().CreateToken(
                claims.ToJsonString(), GuardedApi.Sign(GuardedApi.Secret))),
            "no signature" => Form($"{Encode("""{"alg":"none"}""")}.{Encode(claims.ToJsonString())}."),
            "another type" => Form(_issuer.Sign(claims, "at+jwt")),
            "no token" => new FormUrlEncodedContent([new("id_token", _issuer.Sign(claims))]),
            "twice" => new FormUrlEncodedContent([new("logout_token", _issuer.Sign(claims)), new("logout_token", _issuer.Sign(claims))]),
            "not a form" => new StringContent(JsonSerializer.Serialize(new { logout_token = _issuer.Sign(claims) })),
            "not a token" => Form("anna"),
            "too long" => Form(new string('x', 100_000)),
            _ => (HttpContent)Form(_issuer.Sign(claims)),
        };

        using var answer = await _provider.PostAsync(new Uri("/sign-out/back-channel", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("invalid_request", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(IsGood(anna));
    }

    [Fact]
    public async Task Address_WithoutAProvider_IsNotThere()
    {
        await using var site = await SignInSite.StartAsync();
        using var client = new HttpClient { BaseAddress = site.Address };

        using var answer = await client.PostAsync(new Uri("/sign-out/back-channel", UriKind.Relative), Form(_issuer.Sign(Claims())));

        // As every address that is none: the pages have an answer of their own for whoever only looks.
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    private static void Spoil(JsonObject claims, string what)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        switch (what)
        {
            case "another issuer":
                claims["iss"] = "https://issuer.example";
                break;
            case "another audience":
                claims["aud"] = "somebody-else";
                break;
            case "no audience":
                claims.Remove("aud");
                break;
            case "no iat":
                claims.Remove("iat");
                break;
            case "iat of long ago":
                claims["iat"] = now - 3600;
                break;
            case "iat of the future":
                claims["iat"] = now + 3600;
                break;
            case "iat as text":
                claims["iat"] = "now";
                break;
            case "ended":
                claims["exp"] = now - 3600;
                break;
            case "no jti":
                claims.Remove("jti");
                break;
            case "no events":
                claims.Remove("events");
                break;
            case "other events":
                claims["events"] = new JsonObject { ["http://schemas.openid.net/event/other"] = new JsonObject() };
                break;
            case "event that is no object":
                claims["events"] = new JsonObject { [Event] = true };
                break;
            case "events as text":
                claims["events"] = Event;
                break;
            case "nonce":
                claims["nonce"] = "n";
                break;
            case "neither sub nor sid":
                claims.Remove("sub");
                break;
            case "sub that is no text":
                claims["sub"] = 7;
                break;
        }
    }

    private JsonObject Claims(Action<JsonObject>? change = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = _issuer.Address,
            ["aud"] = Client,
            ["iat"] = now,
            ["exp"] = now + 120,
            ["jti"] = Guid.NewGuid().ToString("n"),
            ["sub"] = "anna",
            ["events"] = new JsonObject { [Event] = new JsonObject() },
        };
        change?.Invoke(claims);
        return claims;
    }

    private Caller SignIn(string subject)
        => _site.Services.GetRequiredService<CallerFactory>()
            .SignIn(PrincipalIds.OfSubject(_issuer.Address, subject), subject, []);

    private bool IsGood(Caller caller) => _site.Services.GetRequiredService<ICallerStanding>().IsGood(caller);

    private Task<HttpResponseMessage> SendAsync(string token)
        => _provider.PostAsync(new Uri("/sign-out/back-channel", UriKind.Relative), Form(token));

    private static FormUrlEncodedContent Form(string token) => new([new("logout_token", token)]);

    private static string Encode(string text) => Base64UrlEncoder.Encode(text);
}
