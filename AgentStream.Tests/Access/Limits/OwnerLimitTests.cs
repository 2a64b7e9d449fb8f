using System.Net;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access.Limits;

/// <summary>Who has all that one may have over all servers is told so, and when to come back, over both wires.</summary>
public sealed class OwnerLimitTests
{
    [Fact]
    public async Task Runs_BeyondTheLimits_AreToldHowLongToWait_OverBothWires()
    {
        await using var api = await GuardedApi.StartAsync(new()
        {
            ["AgentStream:Messaging:MaxRunsPerOwner"] = "1",
            ["AgentStream:Messaging:MaxQueuedRunsPerOwner"] = "1",
            ["AgentStream:Messaging:MaxTokensPerDay"] = "7",
        });
        var (key, other) = (await api.KeyAsync("eager"), await api.KeyAsync("other"));
        await AcceptAsync(api, key, "s1");

        await RefuseAsync(api, key, "s2", "run_limit", most: 60);
        await AcceptAsync(api, other, "s3");
        await AcceptAsync(api, key, "s1");
        await RefuseAsync(api, key, "s1", "queue_full", most: 60);

        // Each has used the seven tokens of the day then.
        foreach (var _ in new[] { "s1", "s3", "s1" })
        {
            await (await api.Host.ClaimAsync()).CompleteAsync("done");
        }

        await RefuseAsync(api, key, "s1", "budget_spent", most: 24 * 60 * 60);
        await RefuseAsync(api, other, "s4", "budget_spent", most: 24 * 60 * 60);
    }

    [Fact]
    public async Task Sessions_BeyondTheLimit_AreToldToEraseOne()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Messaging:MaxSessionsPerOwner"] = "1" });
        var key = await api.KeyAsync("eager");
        await AcceptAsync(api, key, "s1");

        await RefuseAsync(api, key, "s2", "session_limit", most: 60);
        await AcceptAsync(api, key, "s1");
    }

    [Fact]
    public void Refusals_OfLimits_AllSayWhenToComeBack()
    {
        var now = new DateTimeOffset(2026, 11, 30, 23, 59, 0, TimeSpan.Zero);
        var refusals = Enum.GetValues<EnqueueStatus>()
            .Select(status => OwnerRefusals.Of(status, MessageId.Parse("m1"), now))
            .OfType<Refusal>()
            .ToList();

        Assert.Equal(
            [ErrorCodes.RunLimit, ErrorCodes.QueueFull, ErrorCodes.SessionLimit, ErrorCodes.StorageLimit, ErrorCodes.BudgetSpent],
            refusals.Select(refusal => refusal.Code));
        Assert.All(refusals, refusal => Assert.NotNull(refusal.RetryAfterSeconds));
        Assert.Equal(60, refusals[^1].RetryAfterSeconds);
    }

    private static async Task AcceptAsync(GuardedApi api, string key, string session)
    {
        using var response = await PostAsync(api, key, session);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private static async Task RefuseAsync(GuardedApi api, string key, string session, string code, int most)
    {
        using var response = await PostAsync(api, key, session);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(most));
        await Problems.AssertAsync(response, code);

        await using var client = await api.Host.ConnectAsAsync(key, $"/ws/chat/{session}");
        await client.UntilAsync("snapshot");
        await client.ChatAsync("one more", "over-the-wire");
        var error = (await client.UntilAsync("error"))[^1].Data();
        Assert.Equal(code, error.Text("code"));
        Assert.InRange(error.Number("retry_after"), 1, most);
    }

    private static Task<HttpResponseMessage> PostAsync(GuardedApi api, string key, string session)
        => api.SendAsync(HttpMethod.Post, $"/api/sessions/{session}/messages", key, new { message = "hello" });
}
