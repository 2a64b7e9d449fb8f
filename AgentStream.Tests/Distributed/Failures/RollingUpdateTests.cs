using System.Net.WebSockets;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>
/// What docs/operations.md promises of updates: one process after the other is stopped in good order and replaced, while people talk.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class RollingUpdateTests(ClusterFixture fixture) : IAsyncLifetime
{
    private const int Talkers = 8;

    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisFact]
    public async Task EachProcess_ReplacedInTurnUnderLoad_EveryRunCompletesInItsFirstAttempt()
    {
        using var end = new CancellationTokenSource();
        var talking = Enumerable.Range(0, Talkers).Select(talker => TalkAsync($"rolling-{talker}", end.Token)).ToList();
        foreach (var worker in Cluster.Workers.ToList())
        {
            await ReplaceAsync(worker, Cluster.StartWorkerAsync);
        }

        foreach (var api in Cluster.Apis.ToList())
        {
            await ReplaceAsync(api, Cluster.StartApiAsync);
        }

        await end.CancelAsync();
        await Task.WhenAll(talking);
    }

    private async Task ReplaceAsync(ServiceProcess old, Func<Task<ServiceProcess>> start)
    {
        await start();
        Cluster.Forget(old);
        old.Terminate();
        Assert.Equal(0, await old.WaitForExitAsync());
    }

    private async Task TalkAsync(string sessionId, CancellationToken end)
    {
        await using var socket = new ChatSocket(Cluster.Api, sessionId);
        await socket.ConnectAsync();
        var asked = 0;
        do
        {
            asked++;
            await AskAsync(socket, asked);
        }
        while (!end.IsCancellationRequested);

        Assert.All(socket.Of("run_finished"), entry => Assert.Equal("completed", entry.Data().Text("status")));
        Assert.All(socket.Attempts(), attempt => Assert.Equal(1, attempt));
        Assert.Equal(asked, socket.Of("run_finished").Count());
        Cluster.AssertSound(socket, sessionId);
    }

    /// <summary>
    /// As a client does: whenever the connection breaks it comes back after what it has,
    /// and sends again what it does not know to be taken, under the same id.
    /// </summary>
    private static async Task AskAsync(ChatSocket socket, int number)
    {
        var isConnected = true;
        while (socket.Of("run_finished").Count() < number)
        {
            try
            {
                if (!isConnected)
                {
                    await socket.ConnectAsync();
                    isConnected = true;
                }

                await socket.ChatAsync("rolling", $"\"message_id\":\"m{number}\"");
                await socket.ReadUntilAsync("run_finished");
            }
            catch (WebSocketException)
            {
                isConnected = false;
            }
        }
    }
}
