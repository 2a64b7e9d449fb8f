using System.Text.Json;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed;

/// <summary>A session is the same on every server.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SharedSessionTests(ClusterFixture fixture) : IAsyncLifetime
{
    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisFact]
    public async Task Clients_OnTwoServers_SeeTheSameLog()
    {
        await using var one = Cluster.Socket(0, "same-log");
        await using var other = Cluster.Socket(1, "same-log");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await Task.WhenAll(one.ReadUntilAsync("snapshot"), other.ReadUntilAsync("snapshot"));
        Assert.Equal(one.Epoch, other.Epoch);

        await one.ChatAsync("same-log");
        await other.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "It is "));
        await using var late = Cluster.Socket(1, "same-log");
        await late.ConnectAsync();
        var snapshot = (await late.ReadUntilAsync("snapshot")).Data();
        await Cluster.OpenGateAsync("same-log");
        await Task.WhenAll(one.ReadUntilAsync("run_finished"), other.ReadUntilAsync("run_finished"), late.ReadUntilAsync("run_finished"));

        ClusterLog.AssertSameLog(one, other);
        Cluster.AssertSound(one, "same-log");
        Assert.Equal("42.", string.Concat(late.Of("step_delta").Select(entry => entry.Data().Text("delta"))));
        Assert.Equal(snapshot.GetProperty("last_seq").GetInt64(), late.FirstSeq - 1);
        await using var reader = Cluster.Socket(1, "same-log").FromTheBeginningOf(one.Epoch);
        await reader.ConnectAsync();
        await reader.ReadUntilAsync("run_finished");
        ClusterLog.AssertSameLog(one, reader);
    }

    [RedisFact]
    public async Task BusySession_MessagesByAnotherServer_AreQueuedRefusedOrGoFirst()
    {
        await using var one = Cluster.Socket(0, "busy");
        await using var other = Cluster.Socket(1, "busy");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("busy");
        await one.ReadUntilAsync("step_delta");

        await other.ChatAsync("refused", "\"on_busy\":\"reject\"");
        var error = await other.ReadUntilAsync("error");
        await other.ChatAsync("queued");
        await other.ReadUntilAsync("accepted");
        await other.ChatAsync("urgent", "\"on_busy\":\"interrupt\"");
        await FinishAsync(one, 3);

        Assert.Equal("busy", error.Data().Text("code"));
        var messages = one.Of("run_queued").ToDictionary(entry => entry.Text("run_id")!, entry => entry.Data().Text("message"));
        Assert.Equal(["busy", "urgent", "queued"], one.Of("run_started").Select(entry => messages[entry.Text("run_id")!]));
        Assert.Equal(["cancelled", "completed", "completed"], one.Of("run_finished").Select(entry => entry.Data().Text("status")));
        Cluster.AssertSound(one, "busy");
    }

    [RedisFact]
    public async Task Cancel_ByAnotherServer_EndsTheRunAndKeepsWhatItSaid()
    {
        await using var one = Cluster.Socket(0, "cancel");
        await using var other = Cluster.Socket(1, "cancel");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("busy");
        await one.ReadUntilAsync("step_delta");

        await other.SendAsync("""{"type":"cancel"}""");
        var finished = await one.ReadUntilAsync("run_finished");

        Assert.Equal("cancelled", finished.Data().Text("status"));
        Assert.Equal("partial", Assert.Single(one.StandingSteps).Text("content"));
    }

    [RedisFact]
    public async Task Duplicate_SentToAnotherServer_StartsNothingTwice()
    {
        await using var one = Cluster.Socket(0, "duplicate");
        await using var other = Cluster.Socket(1, "duplicate");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("hello", "\"message_id\":\"m1\"");
        var first = (await one.ReadUntilAsync("accepted")).Data();

        await other.ChatAsync("hello", "\"message_id\":\"m1\"");
        var second = (await other.ReadUntilAsync("accepted")).Data();

        Assert.True(second.GetProperty("duplicate").GetBoolean());
        Assert.Equal(first.Text("run_id"), second.Text("run_id"));
    }

    [RedisFact]
    public async Task Agents_OfTheWorkers_AreToldByServersThatHaveNone()
    {
        foreach (var api in Cluster.Apis)
        {
            using var http = new HttpClient { BaseAddress = ServiceCluster.AddressOf(api) };

            var agents = JsonElement.Parse(await http.GetStringAsync("/api/agents")).EnumerateArray().ToList();

            Assert.Contains(agents, agent => agent.Text("name") == "researcher" && agent.GetProperty("tools").GetArrayLength() > 0);
        }
    }

    private static async Task FinishAsync(ChatSocket socket, int runs)
    {
        while (socket.Of("run_finished").Count() < runs)
        {
            await socket.ReadUntilAsync("run_finished");
        }
    }
}
