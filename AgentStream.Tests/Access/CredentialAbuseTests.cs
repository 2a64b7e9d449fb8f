using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using AgentStream.Access;
using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace AgentStream.Tests.Access;

/// <summary>Credentials as an attacker would make them: each is refused, and what is good beside them is served.</summary>
public sealed class CredentialAbuseTests : IAsyncLifetime
{
    private static readonly Caller Anna = new(
        PrincipalIds.OfName("code", "anna"), "Anna", Scopes.Read | Scopes.Chat, "signin:1", DateTimeOffset.UtcNow);

    private GuardedApi _api = null!;

    public static TheoryData<string, string> BadTokens
    {
        get
        {
            using var rsa = RSA.Create(2048);
            return new()
            {
                { "signed with another secret", GuardedApi.Token(signing: GuardedApi.Sign("another secret, which is long enough too")) },
                { "expired", GuardedApi.Token(expires: DateTime.UtcNow.AddMinutes(-5)) },
                { "of another issuer", GuardedApi.Token(issuer: "https://issuer.example.evil") },
                { "for another audience", GuardedApi.Token(audience: "something else") },
                { "for nobody", GuardedApi.Token(subject: null) },
                { "with another algorithm", GuardedApi.Token(signing: new(new RsaSecurityKey(rsa.ExportParameters(true)), "RS256")) },
                { "with none", "Bearer " + None() },
                { "with its signature cut off", GuardedApi.Token()[..^10] },
                { "with a changed payload", Changed() },
                { "empty", "Bearer " },
                { "not a token", "Bearer x" },
                { "a key that nobody made", "Bearer ask_0123456789012345678901234567890123456789012" },
                { "of a scheme that is not there", "Basic YTpi" },
                { "no scheme", "anna" },
            };
        }
    }

    public async Task InitializeAsync() => _api = await GuardedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task Token_ThatIsNoGood_IsRefused(string what, string authorization)
    {
        using var response = await _api.SendAsync(HttpMethod.Get, "/api/sessions", authorization);

        Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{what}: {response.StatusCode}");
        await Problems.AssertAsync(response, "unauthenticated");
    }

    [Fact]
    public async Task Token_ThatIsGood_IsServed_AndOwnsWhatItBegins()
    {
        await _api.BeginAsync("s1", GuardedApi.Token("anna"));

        using var own = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1", GuardedApi.Token("anna"));
        using var other = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1", GuardedApi.Token("bert"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (own.StatusCode, other.StatusCode));
    }

    [Fact]
    public async Task Token_BesideAnother_IsRefused()
    {
        using var response = await _api.SendAsync(
            HttpMethod.Get, "/api/sessions",
            headers: headers => headers.TryAddWithoutValidation("Authorization", [GuardedApi.Token("anna"), GuardedApi.Token("bert")]));

        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Token_WithScopesOfItsOwn_MayDoNoMore()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Access:Jwt:ScopeClaim"] = "scope" });
        var reader = GuardedApi.Token(claims: [new Claim("scope", "openid read")]);

        using var read = await api.SendAsync(HttpMethod.Get, "/api/sessions", reader);
        using var chat = await api.SendAsync(HttpMethod.Post, "/api/sessions/s1/messages", reader, new { message = "hello" });
        using var nothing = await api.SendAsync(HttpMethod.Get, "/api/sessions", GuardedApi.Token());

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (read.StatusCode, chat.StatusCode, nothing.StatusCode));
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task Token_OfAPublicKey_IsServed_AndOneSignedWithThatKeysTextIsNot(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var isCurve = algorithm == "ES256";
        var pem = isCurve ? curve.ExportSubjectPublicKeyInfoPem() : rsa.ExportSubjectPublicKeyInfoPem();
        SecurityKey key = isCurve ? new ECDsaSecurityKey(curve) : new RsaSecurityKey(rsa);
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Access:Jwt:Key"] = pem });

        using var good = await api.SendAsync(
            HttpMethod.Get, "/api/sessions", GuardedApi.Token(signing: new SigningCredentials(key, algorithm)));
        using var confused = await api.SendAsync(HttpMethod.Get, "/api/sessions", GuardedApi.Token(signing: GuardedApi.Sign(pem)));
        using var unsigned = await api.SendAsync(HttpMethod.Get, "/api/sessions", $"Bearer {None()}");

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized),
            (good.StatusCode, confused.StatusCode, unsigned.StatusCode));
    }

    [Fact]
    public async Task Token_InTheAddress_CountsForNothing()
    {
        var token = GuardedApi.Token()["Bearer ".Length..];
        using var response = await _api.SendAsync(HttpMethod.Get, $"/api/sessions?access_token={token}&token={token}&key={token}");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Ticket_IsGoodOnce()
    {
        var ticket = Uri.EscapeDataString(_api.Tickets.Issue(Anna, origin: null));

        using var first = await _api.SendAsync(HttpMethod.Get, $"/api/sessions?ticket={ticket}");
        using var second = await _api.SendAsync(HttpMethod.Get, $"/api/sessions?ticket={ticket}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task Ticket_OfAPage_IsGoodForThatPageAlone()
    {
        var (ticket, another) = (_api.Tickets.Issue(Anna, "http://localhost:7860"), _api.Tickets.Issue(Anna, "http://localhost:7860"));

        using var program = await AskAsync(ticket, origin: null);
        using var neighbour = await AskAsync(another, "http://localhost:8000");
        using var own = await AskAsync(_api.Tickets.Issue(Anna, "http://localhost:7860"), "http://localhost:7860");

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK),
            (program.StatusCode, neighbour.StatusCode, own.StatusCode));

        Task<HttpResponseMessage> AskAsync(string text, string? origin) => _api.SendAsync(
            HttpMethod.Get, "/api/sessions", $"Ticket {text}",
            headers: headers =>
            {
                if (origin is not null)
                {
                    headers.Add("Origin", origin);
                }
            });
    }

    [Fact]
    public async Task Ticket_ThatComesTooLate_IsRefused()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var api = await GuardedApi.StartAsync(time: time);
        var ticket = api.Tickets.Issue(Anna, origin: null);
        time.Advance(TimeSpan.FromSeconds(30));

        using var response = await api.SendAsync(HttpMethod.Get, "/api/sessions", $"Ticket {ticket}");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Ticket_OfASignInThatIsOver_IsRefused()
    {
        var ticket = _api.Tickets.Issue(Anna, origin: null);
        await _api.Host.Services.GetRequiredService<SignIns>().EndAsync(Anna, CancellationToken.None);

        using var response = await _api.SendAsync(HttpMethod.Get, "/api/sessions", $"Ticket {ticket}");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task SignOut_OfOnePersonOfAProxy_LeavesTheOthers()
    {
        var signIns = _api.Host.Services.GetRequiredService<SignIns>();
        var bert = PrincipalIds.OfName("proxy", "bert");
        await signIns.EndAsync(new Caller(bert, "bert", Scopes.Read, bert.Value, DateTimeOffset.UtcNow), CancellationToken.None);

        using var anna = await AskAsync("anna");
        using var again = await AskAsync("bert");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (anna.StatusCode, again.StatusCode));

        Task<HttpResponseMessage> AskAsync(string person) => _api.SendAsync(
            HttpMethod.Get, "/api/sessions", headers: headers => headers.Add(GuardedApi.UserHeader, person));
    }

    [Fact]
    public async Task Ticket_OfAPersonOfAProxy_IsTheirs_GoodOnce_AndOverWithARole()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Access:Roles"] = "writers: read chat; readers: read" });
        var anna = new Caller(
            PrincipalIds.OfName("proxy", "anna"), "anna", Scopes.Read | Scopes.Chat, PrincipalIds.OfName("proxy", "anna").Value,
            DateTimeOffset.UtcNow);
        var bert = anna with { Id = PrincipalIds.OfName("proxy", "bert"), Credential = PrincipalIds.OfName("proxy", "bert").Value };
        using var begun = await api.SendAsync(
            HttpMethod.Post, "/api/sessions/s1/messages", body: new { message = "mine" }, headers: headers => By(headers, "writers"));
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        var (ticket, late) = (api.Tickets.Issue(anna, origin: null), api.Tickets.Issue(anna, origin: null));

        Assert.Equal(HttpStatusCode.OK, await AskAsync($"Ticket {ticket}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync($"Ticket {ticket}"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync($"Ticket {api.Tickets.Issue(bert, origin: null)}"));

        // The proxy says that she is no writer any more: what was handed out before is worth nothing.
        using var less = await api.SendAsync(HttpMethod.Get, "/api/sessions", headers: headers => By(headers, "readers"));
        Assert.Equal(HttpStatusCode.OK, less.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync($"Ticket {late}"));

        async Task<HttpStatusCode> AskAsync(string authorization)
        {
            using var response = await api.SendAsync(HttpMethod.Get, "/api/sessions/s1", authorization);
            return response.StatusCode;
        }

        static void By(HttpRequestHeaders headers, string role)
        {
            headers.Add(GuardedApi.UserHeader, "anna");
            headers.Add(GuardedApi.RolesHeader, role);
        }
    }

    [Fact]
    public async Task Ticket_GivenTwiceOrMadeUp_IsRefused()
    {
        var (one, two) = (_api.Tickets.Issue(Anna, origin: null), _api.Tickets.Issue(Anna, origin: null));

        using var twice = await _api.SendAsync(HttpMethod.Get, $"/api/sessions?ticket={one}&ticket={two}");
        using var madeUp = await _api.SendAsync(HttpMethod.Get, "/api/sessions?ticket=anna");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (twice.StatusCode, madeUp.StatusCode));
    }

    [Fact]
    public async Task ProxysHeader_FromElsewhere_CountsForNothing()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Access:Header:Proxies"] = "10.0.0.0/8" });
        using var response = await api.SendAsync(
            HttpMethod.Get, "/api/sessions", headers: headers => headers.Add(GuardedApi.UserHeader, "anna"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task ProxysHeader_FromTheProxy_NamesThePerson_UnlessItIsThereTwice()
    {
        using var once = await _api.SendAsync(
            HttpMethod.Get, "/api/sessions", headers: headers => headers.Add(GuardedApi.UserHeader, "anna"));
        using var twice = await _api.SendAsync(HttpMethod.Get, "/api/sessions", headers: headers =>
        {
            headers.Add(GuardedApi.UserHeader, "anna");
            headers.Add(GuardedApi.UserHeader, "bert");
        });

        Assert.Equal(HttpStatusCode.OK, once.StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, twice.StatusCode);
    }

    private static string None() => $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{GuardedApi.Token().Split('.')[1]}.";

    private static string Changed()
    {
        var parts = GuardedApi.Token().Split('.');
        var payload = $$"""{"iss":"{{GuardedApi.Issuer}}","aud":"{{GuardedApi.Audience}}","sub":"root","exp":9999999999}""";
        return $"{parts[0]}.{Encode(payload)}.{parts[2]}";
    }

    private static string Encode(string json) => Base64UrlEncoder.Encode(json);
}
