using System.Net;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access;

/// <summary>One caller who takes too much is told when to come back, and nobody else notices.</summary>
public sealed class CallerLimitTests
{
    [Fact]
    public async Task Messages_BeyondTheRate_AreToldHowLongToWait_OverBothWires()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Api:MaxMessagesPerMinute"] = "10" });
        var (key, other) = (await api.KeyAsync("eager"), await api.KeyAsync("other"));
        for (var i = 0; i < 10; i++)
        {
            using var taken = await PostAsync(key);
            Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        }

        using var refused = await PostAsync(key);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
        await Problems.AssertAsync(refused, "rate_limited");

        await using var client = await api.Host.ConnectAsAsync(key, "/ws/chat/s2");
        await client.UntilAsync("snapshot");
        await client.ChatAsync("one more", "m1");
        var error = (await client.NextAsync("error")).GetProperty("data");
        Assert.Equal(("rate_limited", "m1"), (error.Text("code"), error.Text("message_id")));
        Assert.InRange(error.Number("retry_after"), 1, 6);

        using var theirs = await PostAsync(other, "s3");
        Assert.Equal(HttpStatusCode.Accepted, theirs.StatusCode);

        Task<HttpResponseMessage> PostAsync(string authorization, string session = "s1")
            => api.SendAsync(HttpMethod.Post, $"/api/sessions/{session}/messages", authorization, new { message = "hello" });
    }

    [Fact]
    public async Task Connections_BeyondTheNumber_AreRefused_UntilOneIsGivenBack()
    {
        await using var api = await GuardedApi.StartAsync(new() { ["AgentStream:Api:MaxConnectionsPerCaller"] = "1" });
        var (key, other) = (await api.KeyAsync("eager"), await api.KeyAsync("other"));
        await using (var first = await api.Host.ConnectAsAsync(key, "/ws/chat/s1"))
        {
            await first.UntilAsync("snapshot");
            using var second = await api.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", key);
            Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
            await using var theirs = await api.Host.ConnectAsAsync(other, "/ws/chat/s2");
            await theirs.UntilAsync("snapshot");
            await theirs.CloseAsync();
            await first.CloseAsync();
            await first.UntilClosedAsync();
        }

        await api.Host.EmptyAsync(() => { });
        HttpResponseMessage again;
        do
        {
            again = await api.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", key);
            using (again)
            {
            }
        }
        while (again.StatusCode == HttpStatusCode.TooManyRequests);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Callers_WhereNobodyIsAsked_AreNotLimited()
    {
        await using var host = await ApiHost.StartAsync(new() { ["AgentStream:Api:MaxMessagesPerMinute"] = "1" });
        for (var i = 0; i < 20; i++)
        {
            await host.PostAsync("s1", "hello");
        }
    }
}
