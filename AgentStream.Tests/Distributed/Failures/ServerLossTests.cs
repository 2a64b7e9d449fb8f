using System.Net.WebSockets;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>The server that clients are connected to goes away, or Redis does.</summary>
/// <remarks>
/// Only with processes that are the tests' own: behind Aspire's proxy nobody can tell which server a client has,
/// and its Redis has no data to come back with here.
/// </remarks>
[Collection(ClusterCollection.Name)]
public sealed class ServerLossTests(ClusterFixture fixture) : IAsyncLifetime
{
    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisFact]
    public async Task ApiServer_Killed_ItsClientsResumeOnTheOther()
    {
        await using var socket = Cluster.Socket(0, "server-killed");
        await socket.ConnectAsync();
        await socket.ChatAsync("server-killed");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));

        await Cluster.KillAsync(Cluster.Apis[0]);
        await socket.ReadToTheEndAsync();
        await Cluster.OpenGateAsync("server-killed");
        socket.Api = ServiceCluster.AddressOf(Cluster.Apis[0]);
        await socket.ConnectAsync();
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal([1], socket.Attempts());
        Assert.Equal("One two.", socket.KeptSteps[^1].Text("content"));
        Cluster.AssertSound(socket, "server-killed");
    }

    [RedisFact]
    public async Task ApiServer_Terminated_TellsItsClientsToComeBack()
    {
        await using var socket = Cluster.Socket(0, "server-stops");
        await socket.ConnectAsync();
        await socket.ChatAsync("server-stops");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));
        var leaving = Cluster.Apis[0];

        leaving.Terminate();
        await socket.ReadToTheEndAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        Assert.Equal(0, await leaving.WaitForExitAsync());
        Cluster.Forget(leaving);
        socket.Api = ServiceCluster.AddressOf(Cluster.Apis[0]);
        await socket.ConnectAsync();
        await Cluster.OpenGateAsync("server-stops");
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal("One two.", socket.KeptSteps[^1].Text("content"));
        Cluster.AssertSound(socket, "server-stops");
    }

    [RedisFact]
    public async Task Redis_KilledInTheMiddleOfARun_ClientsStayAreToldAndTheRunEnds()
    {
        await using var socket = Cluster.Socket(0, "redis-restarts");
        await using var other = Cluster.Socket(1, "redis-restarts");
        await socket.ConnectAsync();
        await other.ConnectAsync();
        await other.ReadUntilAsync("snapshot");
        await socket.ChatAsync("redis-restarts");
        await Task.WhenAll(
            socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One ")),
            other.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One ")));

        await Cluster.Redis.KillAsync();
        await Task.WhenAll(socket.ReadUntilAsync(IsStatus("degraded")), other.ReadUntilAsync(IsStatus("degraded")));
        await Cluster.OpenGateAsync("redis-restarts");
        await Cluster.Redis.StartAgainAsync();
        await Task.WhenAll(socket.ReadUntilAsync(IsStatus("ok")), other.ReadUntilAsync(IsStatus("ok")));
        await Task.WhenAll(FinishAsync(socket), FinishAsync(other));

        Assert.Equal("completed", socket.Of("run_finished").Single().Data().Text("status"));
        Assert.Equal("One two.", socket.KeptSteps[^1].Text("content"));
        Assert.Single(Cluster.CallsWithNotes("redis-restarts"));
        Cluster.AssertSound(socket, "redis-restarts");
        ClusterLog.AssertSameLog(socket, other);
    }

    [RedisFact]
    public async Task Redis_FullInTheMiddleOfARun_NewMessagesAreRefusedAndTheRunWaits()
    {
        await using var socket = Cluster.Socket(0, "redis-full");
        await socket.ConnectAsync();
        await socket.ChatAsync("redis-full");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));
        var worker = await Cluster.WorkerOfAsync("redis-full");

        await Cluster.Redis.AskAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            await Cluster.OpenGateAsync("redis-full");
            await worker.WaitForLineAsync("The session store is not available; trying again");
            await socket.ChatAsync("quick", "\"message_id\":\"refused\"");
            var error = (await socket.ReadUntilAsync("error")).Data();
            Assert.Equal(("store_unavailable", "refused"), (error.Text("code"), error.Text("message_id")));
            await using var reader = Cluster.Socket(1, "redis-full");
            await reader.ConnectAsync();
            await reader.ReadUntilAsync("snapshot");
        }
        finally
        {
            await Cluster.Redis.AskAsync("CONFIG", "SET", "maxmemory", "0");
        }

        await socket.ReadUntilAsync("run_finished");
        Assert.Equal([1], socket.Attempts());
        Assert.Equal("One two.", socket.KeptSteps[^1].Text("content"));
        Cluster.AssertSound(socket, "redis-full");
    }

    private static Func<System.Text.Json.JsonElement, bool> IsStatus(string state)
        => frame => ChatSocket.TypeOf(frame) == "status" && frame.Data().Text("state") == state;

    private static async Task FinishAsync(ChatSocket socket)
    {
        if (!socket.Of("run_finished").Any())
        {
            await socket.ReadUntilAsync("run_finished");
        }
    }
}
