using System.Diagnostics;
using System.Net;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Access.Wires;

/// <summary>What is open over wires of others ends with what its caller was recognised by.</summary>
public sealed class WireStandingTests : IAsyncLifetime
{
    private const string Revoked = "missing, unknown, expired or revoked";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private GuardedApi _api = null!;

    public async Task InitializeAsync() => _api = await GuardedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task RevokedKey_EndsItsStreamsOfEveryWireWithinSeconds_SayingWhy_AndNoOthers()
    {
        var (key, other) = (await _api.KeyAsync("lost"), await _api.KeyAsync("kept"));
        var streams = await Task.WhenAll(WireBodies.Names.Select((route, number) => OpenAsync(route, key, $"s{number}")));
        using var kept = await OpenAsync(WireBodies.Names[0], other, "kept");

        var watch = Stopwatch.StartNew();
        await _api.Keys.RevokeAsync("lost", CancellationToken.None);

        foreach (var stream in streams)
        {
            using (stream)
            {
                Assert.Contains(Revoked, await stream.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Longest);
        Assert.Single(_api.Host.Services.GetRequiredService<ConnectionRegistry>().All);
    }

    [Theory]
    [InlineData("/api/sessions/s1/messages?wait=true")]
    [InlineData("/v1/chat/completions")]
    public async Task RevokedKey_WhoseRequestWaitsForItsRun_GetsNoAnswer(string path)
    {
        var key = await _api.KeyAsync("lost");
        var waiting = _api.SendAsync(HttpMethod.Post, path, key, new
        {
            message = "hello",
            model = "assistant",
            messages = new[] { new { role = "user", content = "hello" } },
        });
        var run = await _api.Host.ClaimAsync();

        await _api.Keys.RevokeAsync("lost", CancellationToken.None);
        await _api.Records.LookAsync(CancellationToken.None);
        await run.CompleteAsync("the answer");

        using var response = await waiting;
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.DoesNotContain("the answer", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_OverAWire_TakesTheScopeOfApprovals()
    {
        var key = await _api.KeyAsync("writer", Scopes.Read | Scopes.Chat);
        await _api.BeginAsync("s1", key);
        var run = await _api.Host.ClaimAsync();
        await run.StartAsync();
        var call = ToolCallId.Create(run.RunId, 1, 0);
        await run.ParkAsync(new ToolApprovalRequired
        {
            ToolCallId = call,
            ToolName = "save_note",
            Arguments = JsonElement.Parse("{}"),
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
        });

        using var agUi = await _api.SendAsync(HttpMethod.Post, "/ag-ui/assistant", key, new
        {
            threadId = "s1",
            runId = "r2",
            messages = new[] { new { id = "m1", role = "user", content = "mine" } },
            resume = new[] { new { interruptId = call.Value, status = "resolved", payload = new { approved = true } } },
        });
        using var uiMessages = await _api.SendAsync(HttpMethod.Post, "/api/chat", key, new
        {
            id = "s1",
            messages = new[]
            {
                new
                {
                    id = run.RunId.Value,
                    role = "assistant",
                    parts = new[] { new { state = "approval-responded", approval = new { id = call.Value, approved = true } } },
                },
            },
        });

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (agUi.StatusCode, uiMessages.StatusCode));
        using var runs = await _api.SendAsync(HttpMethod.Get, "/api/runs", key);
        Assert.Contains(call.Value, await runs.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> OpenAsync(string route, string key, string session)
    {
        var response = await _api.SendAsync(HttpMethod.Post, WireBodies.PathOf(route, session), key, WireBodies.Of(route, session));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response;
    }
}
