using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Tests.Api.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Access;

/// <summary>Links by which the owner of a session shows it to others: what they show, to whom, and when they end.</summary>
public sealed class ShareLinkTests : IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private GuardedApi _api = null!;
    private string _owner = "";

    public async Task InitializeAsync()
    {
        _api = await GuardedApi.StartAsync();
        _owner = await _api.KeyAsync("owner");
        await _api.BeginAsync("s1", _owner);
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Link_OfASession_ShowsItLive_AndTakesNoCommand()
    {
        var (_, link) = await _api.LinkAsync("s1", _owner);
        await using var viewer = await _api.Host.ConnectAsAsync(link, "/ws/chat/s1");
        Assert.Contains("mine", (await viewer.UntilAsync("snapshot"))[^1].ToString(), StringComparison.Ordinal);

        var run = await _api.Host.ClaimAsync();
        await run.CompleteAsync("the answer");

        var seen = await viewer.UntilAsync("run_finished");
        Assert.Contains(seen, frame => frame.ToString().Contains("the answer", StringComparison.Ordinal));
        await viewer.ChatAsync("let me in", "m2");
        Assert.Equal("forbidden", (await viewer.NextAsync("error")).GetProperty("data").Text("code"));
        await viewer.SendAsync("""{"type":"cancel","payload":{}}""");
        Assert.Equal("forbidden", (await viewer.NextAsync("error")).GetProperty("data").Text("code"));
    }

    [Fact]
    public async Task Link_Revoked_ClosesItsSocketsAndStreamsWithinSeconds_AndNoOthers()
    {
        var (id, link) = await _api.LinkAsync("s1", _owner);
        var (_, other) = await _api.LinkAsync("s1", _owner);
        await using var viewer = await _api.Host.ConnectAsAsync(link, "/ws/chat/s1");
        await using var kept = await _api.Host.ConnectAsAsync(other, "/ws/chat/s1");
        await viewer.UntilAsync("snapshot");
        await kept.UntilAsync("snapshot");
        using var stream = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", link);
        stream.EnsureSuccessStatusCode();

        var watch = Stopwatch.StartNew();
        using var revoked = await _api.SendAsync(HttpMethod.Delete, $"/api/sessions/s1/links/{id}", _owner);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(4401, await viewer.UntilClosedAsync());
        await using var body = await stream.Content.ReadAsStreamAsync();
        await body.CopyToAsync(Stream.Null);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Longest);
        using var after = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1", link);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        await kept.SendAsync("""{"type":"ping"}""");
        await kept.NextAsync("pong");
    }

    [Fact]
    public async Task Link_ThatExpires_ClosesItsSocket()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var api = await GuardedApi.StartAsync(time: time);
        var owner = await api.KeyAsync("owner");
        await api.BeginAsync("s1", owner);
        var (_, link) = await api.LinkAsync("s1", owner, expiresIn: 300);
        await using var viewer = await api.Host.ConnectAsAsync(link, "/ws/chat/s1");
        await viewer.UntilAsync("snapshot");

        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(4401, await viewer.UntilClosedAsync());
        using var list = await api.SendAsync(HttpMethod.Get, "/api/sessions/s1/links", owner);
        Assert.Equal("""{"links":[]}""", await list.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Session_ThatIsErased_TakesItsLinksAlong_AndANewOneOfTheSameNameHasNone()
    {
        var (_, link) = await _api.LinkAsync("s1", _owner);
        await using var viewer = await _api.Host.ConnectAsAsync(link, "/ws/chat/s1");
        await viewer.UntilAsync("snapshot");

        using var erased = await _api.SendAsync(HttpMethod.Delete, "/api/sessions/s1", _owner);
        await _api.BeginAsync("s1", _owner);

        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        Assert.Contains(await viewer.UntilClosedAsync(), new[] { 1008, 4401 });
        using var after = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1", link);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using var list = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1/links", _owner);
        Assert.Equal("""{"links":[]}""", await list.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Link_InLists_HasNoSecret_AndIsKeptAsItsHash()
    {
        var (id, link) = await _api.LinkAsync("s1", _owner);
        var secret = link["Bearer ".Length..];

        using var response = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1/links", _owner);

        Assert.Matches("^asl_[A-Za-z0-9_-]{43}$", secret);
        var list = await response.Content.ReadAsStringAsync();
        Assert.Contains(id, list, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, list, StringComparison.Ordinal);
        var kept = Assert.Single((await _api.Host.Services.GetRequiredService<IAccessStore>().LoadAsync(default)).Links!);
        Assert.Equal((id, SecretHash.Of(secret)), (kept.Id, kept.Hash));
    }

    [Fact]
    public async Task Link_InTheAddress_CountsForNothing()
    {
        var (_, link) = await _api.LinkAsync("s1", _owner);
        var secret = link["Bearer ".Length..];

        using var response = await _api.SendAsync(HttpMethod.Get, $"/api/sessions/s1?link={secret}&token={secret}&ticket={secret}");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Ticket_OfALink_ShowsTheSameSessionAlone()
    {
        var (_, link) = await _api.LinkAsync("s1", _owner);
        var caller = (await _api.Records.FindLinkAsync(SecretHash.Of(link["Bearer ".Length..]), default))!.ToCaller();

        using var shared = await AskAsync("/api/sessions/s1");
        using var list = await AskAsync("/api/sessions");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (shared.StatusCode, list.StatusCode));

        Task<HttpResponseMessage> AskAsync(string path)
            => _api.SendAsync(HttpMethod.Get, path, $"Ticket {_api.Tickets.Issue(caller, origin: null)}");
    }

    [Theory]
    [InlineData("""{"expires_in":59}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"expires_in":31622401}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"expires_in":"soon"}""", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("""{"expires_in":60}""", HttpStatusCode.Created)]
    [InlineData("{}", HttpStatusCode.Created)]
    public async Task Link_AskedForInEachWay_IsMadeOrRefused(string body, HttpStatusCode status)
    {
        using var response = await _api.SendAsync(
            HttpMethod.Post, "/api/sessions/s1/links", _owner, JsonElement.Parse(body));

        Assert.Equal(status, response.StatusCode);
        var link = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(body.Contains("60", StringComparison.Ordinal), link.TryGetProperty("expires_at", out var end));
        if (end.ValueKind == JsonValueKind.Number)
        {
            Assert.Equal(60, end.GetDouble() - link.GetProperty("created_at").GetDouble(), precision: 3);
        }
    }

    [Fact]
    public async Task Links_BeyondTheNumberOfASession_AreRefused_UntilOneIsRevoked()
    {
        var (first, _) = await _api.LinkAsync("s1", _owner);
        for (var number = 1; number < ShareLinks.MostOfASession; number++)
        {
            await _api.LinkAsync("s1", _owner);
        }

        using var refused = await _api.SendAsync(HttpMethod.Post, "/api/sessions/s1/links", _owner, new { });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        await Problems.AssertAsync(refused, "too_many_links");
        using var revoked = await _api.SendAsync(HttpMethod.Delete, $"/api/sessions/s1/links/{first}", _owner);
        await _api.LinkAsync("s1", _owner);
        using var again = await _api.SendAsync(HttpMethod.Delete, $"/api/sessions/s1/links/{first}", _owner);
        await Problems.AssertAsync(again, "no_such_link");
    }

    [Fact]
    public async Task Session_ThatChangedHands_IsNotShownByItsFormerOwnersLink()
    {
        // As after a session was erased, and begun anew by somebody else, before anybody had ended the link.
        var links = _api.Host.Services.GetRequiredService<ShareLinks>();
        var (_, secret) = (await links.AddAsync(SessionId.Parse("s1"), PrincipalId.Parse("key:somebody-else"), null, default))!.Value;

        using var read = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1", $"Bearer {secret}");
        using var follow = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", $"Bearer {secret}");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (read.StatusCode, follow.StatusCode));
    }

    [Fact]
    public async Task Links_InTheDescription_SayWhatTheyTake()
    {
        using var response = await _api.SendAsync(HttpMethod.Get, "/openapi/v1.json", _owner);
        var document = await response.Content.ReadFromJsonAsync<JsonElement>();

        var links = document.GetProperty("paths").GetProperty("/api/sessions/{session_id}/links");
        Assert.Equal(["get", "post"], links.EnumerateObject().Select(operation => operation.Name).Order(StringComparer.Ordinal));
        var seconds = document.GetProperty("components").GetProperty("schemas").GetProperty("LinkBody")
            .GetProperty("properties").GetProperty("expires_in");
        Assert.Equal((60, 31_622_400), (seconds.Number("minimum"), seconds.Number("maximum")));
    }

    [Fact]
    public async Task Links_WhereTheyAreSwitchedOff_CantBeMadeAndOpenNothing()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Access:Sharing"] = "false" });
        var owner = await api.KeyAsync("owner");
        await api.BeginAsync("s1", owner);
        var links = api.Host.Services.GetRequiredService<ShareLinks>();
        var (_, secret) = (await links.AddAsync(SessionId.Parse("s1"), PrincipalIds.OfName("key", "owner"), null, default))!.Value;

        using var made = await api.SendAsync(HttpMethod.Post, "/api/sessions/s1/links", owner, new { });
        using var read = await api.SendAsync(HttpMethod.Get, "/api/sessions/s1", $"Bearer {secret}");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Unauthorized), (made.StatusCode, read.StatusCode));
    }

    [Fact]
    public async Task Links_WhereNobodyIsAsked_AreNotThere()
    {
        await using var host = await ApiHost.StartAsync();
        await host.PostAsync("s1", "hello");
        using var response = await host.Http.PostAsJsonAsync("/api/sessions/s1/links", new { });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await Problems.AssertAsync(response, "not_found");
    }
}
