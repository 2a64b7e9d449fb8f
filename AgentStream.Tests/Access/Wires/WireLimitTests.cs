using System.Net;
using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Api.Wires.OpenAI;

namespace AgentStream.Tests.Access.Wires;

/// <summary>What one caller may take holds over wires of others too, and each says when to come back.</summary>
public sealed class WireLimitTests(WireLimitTests.LimitedApi limited) : IClassFixture<WireLimitTests.LimitedApi>
{
    private const int Depth = 8;
    private const int Length = 100;
    private const int Bytes = 4_096;

    private readonly string _name = Guid.NewGuid().ToString("n");

    [Theory]
    [MemberData(nameof(WireBodies.Routes), MemberType = typeof(WireBodies))]
    public async Task Message_BeyondTheRate_HasToWait(string route)
    {
        var key = await limited.Api.KeyAsync(_name);
        for (var i = 0; i < 10; i++)
        {
            await BeginAsync(key, _name);
        }

        await RefuseAsync(route, key, "as many messages as one may", most: 6);
    }

    [Theory]
    [MemberData(nameof(WireBodies.Routes), MemberType = typeof(WireBodies))]
    public async Task Stream_BeyondTheConnections_HasToWait_AndBeginsNothing(string route)
    {
        var key = await limited.Api.KeyAsync(_name);
        using var held = await limited.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{_name}/events", key);
        held.EnsureSuccessStatusCode();

        await RefuseAsync(route, key, "as many connections as one may", most: 5);

        using var begun = await limited.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{_name}-2", key);
        Assert.Equal(HttpStatusCode.NotFound, begun.StatusCode);
    }

    [Theory]
    [MemberData(nameof(WireBodies.Routes), MemberType = typeof(WireBodies))]
    public async Task Run_BeyondTheLimitsOfItsOwner_HasToWait(string route)
    {
        var key = await limited.Api.KeyAsync(_name);
        await BeginAsync(key, _name);
        await RefuseAsync(route, key, "runs under way in as many sessions as one may have", most: 60);

        // Those of the other tests, and its own.
        ScriptedRun run;
        do
        {
            run = await limited.Api.Host.ClaimAsync();
            await run.CompleteAsync("done");
        }
        while (run.Claim.Lease.SessionId.Value != _name);

        await RefuseAsync(route, key, "what one may use on a day", most: 24 * 60 * 60);
    }

    [Theory]
    [MemberData(nameof(WireBodies.Routes), MemberType = typeof(WireBodies))]
    public async Task Body_BeyondItsLimits_IsRefused(string route)
    {
        var key = await limited.Api.KeyAsync(_name);
        var usual = JsonSerializer.Serialize(WireBodies.Of(route, _name));
        using (var tooLong = await limited.Api.SendAsync(
            HttpMethod.Post, WireBodies.PathOf(route, _name), key, WireBodies.Of(route, _name, new string('x', Length + 1))))
        {
            Assert.True(await WireBodies.IsRefusedAsync(route, tooLong, HttpStatusCode.BadRequest), $"{tooLong.StatusCode}");
        }

        foreach (var (body, status) in new[]
        {
            (With(usual, $"\"other\":\"{new string('x', Bytes)}\""), HttpStatusCode.RequestEntityTooLarge),
            (With(usual, $"\"other\":{new string('[', Depth)}{new string(']', Depth)}"), HttpStatusCode.BadRequest),
            (With(usual, "\"other\":1,\"other\":2"), HttpStatusCode.BadRequest),
        })
        {
            using var response = await OpenAIStream.SendAsync(
                limited.Api.Http, HttpMethod.Post, WireBodies.PathOf(route, _name), body, authorization: key);
            Assert.True(response.StatusCode == status, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }

        using var taken = await OpenAIStream.SendAsync(
            limited.Api.Http, HttpMethod.Post, WireBodies.PathOf(route, _name), With(usual, "\"other\":1"), authorization: key);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Theory]
    [InlineData("/api/sessions/{0}/messages?wait=true", """{"message":"hello"}""")]
    [InlineData("/v1/chat/completions",
        """{"model":"a","metadata":{"session_id":"{0}"},"messages":[{"role":"user","content":"hello"}]}""")]
    [InlineData("/v1/responses", """{"model":"a","conversation":"{0}","input":"hello"}""")]
    [InlineData("/a2a/a",
        """{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","contextId":"{0}","parts":[{"text":"a"}]}}}""")]
    public async Task Request_ThatWaitsForItsRun_CountsAsAConnection(string path, string body)
    {
        var key = await limited.Api.KeyAsync(_name);
        var waiting = SendAsync($"{_name}-1");
        while (true)
        {
            using var begun = await limited.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{_name}-1", key);
            if (begun.IsSuccessStatusCode)
            {
                break;
            }
        }

        using var stream = await limited.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{_name}-1/events", key);
        using var another = await SendAsync($"{_name}-2");

        Assert.Equal(
            (HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests), (stream.StatusCode, another.StatusCode));
        Assert.NotNull(another.Headers.RetryAfter);
        using var absent = await limited.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{_name}-2", key);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        using var erased = await limited.Api.SendAsync(HttpMethod.Delete, $"/api/sessions/{_name}-1", key);
        erased.EnsureSuccessStatusCode();
        using var answer = await waiting;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);

        Task<HttpResponseMessage> SendAsync(string session) => OpenAIStream.SendAsync(
            limited.Api.Http, HttpMethod.Post, path.Replace("{0}", session, StringComparison.Ordinal),
            body.Replace("{0}", session, StringComparison.Ordinal), authorization: key);
    }

    private static string With(string json, string fields) => $"{{{fields},{json[1..]}";

    private async Task BeginAsync(string key, string session)
    {
        using var response = await limited.Api.SendAsync(HttpMethod.Post, $"/api/sessions/{session}/messages", key, new { message = "a" });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private async Task RefuseAsync(string route, string key, string sentence, int most)
    {
        using var response = await limited.Api.SendAsync(
            HttpMethod.Post, WireBodies.PathOf(route, $"{_name}-2"), key, WireBodies.Of(route, $"{_name}-2"));
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(most));
        Assert.Contains(sentence, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>One server for all of these tests, each of which is another caller.</summary>
    public sealed class LimitedApi : IAsyncLifetime
    {
        internal GuardedApi Api { get; private set; } = null!;

        public async Task InitializeAsync() => Api = await GuardedApi.StartAsync(new()
        {
            ["AgentStream:Api:MaxMessagesPerMinute"] = "10",
            ["AgentStream:Api:MaxConnectionsPerCaller"] = "1",
            ["AgentStream:Api:MaxJsonDepth"] = $"{Depth}",
            ["AgentStream:Api:MaxMessageLength"] = $"{Length}",
            ["AgentStream:Api:MaxFrameBytes"] = $"{Bytes}",
            ["AgentStream:Messaging:MaxRunsPerOwner"] = "1",
            ["AgentStream:Messaging:MaxTokensPerDay"] = "7",
        });

        public async Task DisposeAsync() => await Api.DisposeAsync();
    }
}
