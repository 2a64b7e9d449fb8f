using System.Net;
using AgentStream.Access;
using AgentStream.Tests.Access.Wires;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Access;

/// <summary>Every route that there is, asked by everybody who might: those that a later change adds included.</summary>
public sealed class RouteMatrixTests : IAsyncLifetime
{
    private const Scopes Usual = Scopes.Read | Scopes.Chat | Scopes.Approve;
    private const string Absent = "nobody-was-here";

    private static readonly Dictionary<string, Scopes> Policies = new()
    {
        [AccessPolicies.Read] = Scopes.Read,
        [AccessPolicies.Chat] = Scopes.Chat,
        [AccessPolicies.Approve] = Scopes.Approve,
        [AccessPolicies.Admin] = Scopes.Admin,
    };

    // What may begin a session: to somebody else an id that is taken is not there, and can't be begun either.
    private static readonly string[] Beginning =
        ["POST /api/sessions/{session_id}/messages", "POST /api/sessions/{session_id}/attachments",
            "GET /api/sessions/{session_id}/events", "HEAD /api/sessions/{session_id}/events", "GET /ws/chat/{**session_id}"];

    // What a link shows of its session; all else is closed to who has one.
    private static readonly string[] ByLink =
    [
        .. from path in new[] { "{session_id}", "{session_id}/events", "{session_id}/export", "{session_id}/attachments/{attachment_id}" }
           from method in new[] { "GET", "HEAD" }
           select $"{method} /api/sessions/{path}",
        "GET /ws/chat/{**session_id}",
    ];

    /// <summary>The files of sessions that have one.</summary>
    private readonly Dictionary<string, string> _attachments = [];

    private GuardedApi _api = null!;

    public async Task InitializeAsync() => _api = await GuardedApi.StartAsync(
        new() { ["AgentStream:Api:MaxMessagesPerMinute"] = "1000" });

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public void Route_Each_HasOnePolicyOfAScope()
    {
        Assert.NotEmpty(Routes);
        Assert.All(Routes, route => Assert.True(
            route.Endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>() is [{ Policy: { } policy }] && Policies.ContainsKey(policy)
                && route.Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null,
            $"{route} has no policy, or more than one: give it one of {nameof(AccessPolicies)}."));
    }

    [Fact]
    public void Route_ThatTakesABody_NamesASessionInItsPath_OrInABodyThatIsKnownHere()
        => Assert.All(Routes.Where(route => route.Method is "POST" or "PATCH" or "PUT"), route => Assert.True(
            route.HasSession || route.Endpoint.RoutePattern.RawText!.Contains("{response_id}", StringComparison.Ordinal),
            $"{route} may name a session in its body: show how in {nameof(WireBodies)}, so that others' sessions are tried there."));

    [Fact]
    public async Task Route_AskedByNobodyWhoIsKnown_SaysToSignIn()
    {
        foreach (var route in Routes)
        {
            using var response = await AskAsync(route, Absent, authorization: null);
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{route} answered {response.StatusCode}");
            Assert.NotEmpty(response.Headers.WwwAuthenticate);
        }
    }

    [Fact]
    public async Task Route_AskedWithoutItsScope_IsForbidden()
    {
        var number = 0;
        foreach (var route in Routes)
        {
            var key = await _api.KeyAsync($"all-but-{++number}", Scopes.All & ~route.Scope);
            using var response = await AskAsync(route, Absent, key);
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{route} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Route_AskedByAnAdministratorAlone_ShowsNoSession()
    {
        var owner = await _api.KeyAsync("owner");
        var admin = await _api.KeyAsync("admin", Scopes.Admin);
        await _api.BeginAsync("owned", owner);
        foreach (var route in Routes.Where(route => route.Scope != Scopes.Admin))
        {
            using var response = await AskAsync(route, "owned", admin);
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{route} answered {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Route_OfASessionOfSomebodyElse_AnswersAsIfItWereNotThere()
    {
        var owner = await _api.KeyAsync("owner", Usual);
        var other = await _api.KeyAsync("other", Scopes.All);
        await _api.BeginAsync("owned", owner);
        _attachments["owned"] = await _api.AttachAsync("owned", owner);
        foreach (var route in Routes.Where(route => route.HasSession))
        {
            using var theirs = await AskAsync(route, "owned", other);
            if (Beginning.Contains(route.ToString()) || WireBodies.IsOne(route.ToString()))
            {
                Assert.True(
                    await WireBodies.IsRefusedAsync(route.ToString(), theirs, HttpStatusCode.NotFound),
                    $"{route} answered {theirs.StatusCode}");
                continue;
            }

            using var absent = await AskAsync(route, Absent, other);
            Assert.True(absent.StatusCode == theirs.StatusCode, $"{route} answered {theirs.StatusCode} and {absent.StatusCode}");
            Assert.Equal(await absent.Content.ReadAsStringAsync(), await theirs.Content.ReadAsStringAsync());
        }

        // Nothing happened to it.
        using var still = await _api.SendAsync(HttpMethod.Get, "/api/sessions/owned", owner);
        Assert.Contains("mine", await still.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var file = await _api.SendAsync(HttpMethod.Get, $"/api/sessions/owned/attachments/{_attachments["owned"]}", owner);
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        using var list = await _api.SendAsync(HttpMethod.Get, "/api/sessions?search=mine", other);
        Assert.DoesNotContain("mine", await list.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_AskedByWhoHasALink_ShowsItsOneSessionAlone()
    {
        var owner = await _api.KeyAsync("owner");
        await _api.BeginAsync("shared", owner);
        await _api.BeginAsync("other", owner);
        _attachments["shared"] = await _api.AttachAsync("shared", owner);
        _attachments["other"] = await _api.AttachAsync("other", owner);
        var (_, link) = await _api.LinkAsync("shared", owner);
        foreach (var route in Routes)
        {
            using var shared = await AskAsync(route, "shared", link);
            var expected = ByLink.Contains(route.ToString()) ? route.Method == "GET" && route.IsSocket
                    ? HttpStatusCode.SwitchingProtocols
                    : HttpStatusCode.OK
                : route.HasSessionInItsPath ? HttpStatusCode.Forbidden
                : HttpStatusCode.NotFound;
            Assert.True(shared.StatusCode == expected, $"{route} answered {shared.StatusCode}");

            using var other = await AskAsync(route, "other", link);
            using var absent = await AskAsync(route, Absent, link);
            Assert.True(other.StatusCode == HttpStatusCode.NotFound, $"{route} answered {other.StatusCode}");
            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
            Assert.Equal(await absent.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
        }

        using var still = await _api.SendAsync(HttpMethod.Get, "/api/sessions", owner);
        Assert.Equal(2, (await still.Content.ReadAsStringAsync()).Split("\"mine\"").Length - 1);
    }

    [Fact]
    public async Task Route_OfOnesOwnSession_IsServed()
    {
        var owner = await _api.KeyAsync("owner", Scopes.All);
        var number = 0;
        foreach (var route in Routes)
        {
            var session = $"own-{++number}";
            await _api.BeginAsync(session, owner);
            using var response = await AskAsync(route, session, owner);
            Assert.True(
                response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) && (int)response.StatusCode < 500,
                $"{route} answered {response.StatusCode}");
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                Assert.DoesNotContain("session_not_found", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    private List<Route> Routes =>
    [
        .. from endpoint in _api.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
           where method != "CONNECT" // the same endpoint, over HTTP/2
           select new Route(method, endpoint),
    ];

    private Task<HttpResponseMessage> AskAsync(Route route, string session, string? authorization)
    {
        var path = route.Endpoint.RoutePattern.RawText!
            .Replace("{**session_id}", session, StringComparison.Ordinal)
            .Replace("{session_id}", session, StringComparison.Ordinal)
            .Replace("{run_id}", "r1", StringComparison.Ordinal)
            .Replace("{tool_call_id}", "t1", StringComparison.Ordinal)
            .Replace("{link_id}", "l1", StringComparison.Ordinal)
            .Replace("{attachment_id}", _attachments.GetValueOrDefault(session, "a1"), StringComparison.Ordinal)
            .Replace("{agent}", "assistant", StringComparison.Ordinal)
            .Replace("{model}", "m1", StringComparison.Ordinal)
            .Replace("{response_id}", "resp_r1_1_s1", StringComparison.Ordinal)
            .Replace("{documentName}", "v1", StringComparison.Ordinal);
        Assert.DoesNotContain('{', path);
        return _api.SendAsync(
            new HttpMethod(route.Method),
            path,
            authorization,
            WireBodies.IsOne(route.ToString()) ? WireBodies.Of(route.ToString(), session)
                : route.Method is "POST" or "PATCH" ? new { message = "hello", approved = true, title = "title" }
                : null,
            headers =>
            {
                if (path.StartsWith("/ws/", StringComparison.Ordinal))
                {
                    headers.Connection.Add("Upgrade");
                    headers.Upgrade.Add(new("websocket"));
                    headers.Add("Sec-WebSocket-Version", "13");
                    headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(Guid.NewGuid().ToByteArray()));
                }
            });
    }

    private sealed record Route(string Method, RouteEndpoint Endpoint)
    {
        public bool HasSession => HasSessionInItsPath || WireBodies.IsOne(ToString());

        public bool HasSessionInItsPath => Endpoint.RoutePattern.RawText!.Contains("session_id", StringComparison.Ordinal);

        public bool IsSocket => Endpoint.RoutePattern.RawText!.StartsWith("/ws/", StringComparison.Ordinal);

        public Scopes Scope => Policies[Endpoint.Metadata.GetMetadata<IAuthorizeData>()!.Policy!];

        public override string ToString() => $"{Method} {Endpoint.RoutePattern.RawText!.TrimEnd('/')}";
    }
}
