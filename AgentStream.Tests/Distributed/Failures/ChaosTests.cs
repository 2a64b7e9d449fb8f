using System.Threading.Channels;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>Many sessions at once while workers are killed at random.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ChaosTests
{
    private const int Sessions = 50;
    private const int RunsEach = 2;
    private const int MostKills = 8;

    private const string Plan = """
        {
          "scripts": [ { "replies": [
            [ { "thought": "First." }, { "delay_ms": 300 }, { "tool_call": { "name": "save_note", "arguments": { "text": "one" } } } ],
            [ { "text": "Then " }, { "delay_ms": 300 }, { "text": "another. " }, { "delay_ms": 300 }, { "tool_call": { "name": "save_note", "arguments": { "text": "two" } } } ],
            [ { "text": "All " }, { "delay_ms": 300 }, { "text": "is " }, { "delay_ms": 300 }, { "text": "noted." } ] ] } ]
        }
        """;

    [RedisFact]
    public async Task FiftySessions_WorkersKilledAtRandom_EveryRunEndsOnceAndNoNoteIsWrittenTwice()
    {
        await using var cluster = await ServiceCluster.StartAsync(Plan);
        var progress = Channel.CreateUnbounded<bool>();
        var killing = KillAsync(cluster, new Random(20261121), progress.Reader);
        var sockets = Enumerable.Range(0, Sessions).Select(number => cluster.Socket(number % 2, $"chaos-{number}")).ToList();
        try
        {
            await Task.WhenAll(sockets.Select(socket => TalkAsync(socket, progress.Writer)));
            progress.Writer.Complete();
            var kills = await killing;

            Assert.InRange(kills, 3, MostKills);
            for (var number = 0; number < Sessions; number++)
            {
                var sessionId = $"chaos-{number}";
                cluster.AssertSound(sockets[number], sessionId);
                Assert.All(sockets[number].Of("run_finished").Select(entry => entry.Data()), end => Assert.True(
                    end.Text("status") == "completed" || end.Text("error_code") == "attempts_exhausted", end.GetRawText()));
                await using var reader = cluster.Socket((number + 1) % 2, sessionId).FromTheBeginningOf(sockets[number].Epoch);
                await reader.ConnectAsync();
                await FinishAsync(reader, null);
                ClusterLog.AssertSameLog(sockets[number], reader);
            }
        }
        finally
        {
            foreach (var socket in sockets)
            {
                await socket.DisposeAsync();
            }
        }
    }

    private static async Task TalkAsync(ChatSocket socket, ChannelWriter<bool> progress)
    {
        await socket.ConnectAsync();
        for (var run = 0; run < RunsEach; run++)
        {
            await socket.ChatAsync("note it");
        }

        await FinishAsync(socket, progress);
    }

    private static async Task FinishAsync(ChatSocket socket, ChannelWriter<bool>? progress)
    {
        while (socket.Of("run_finished").Count() < RunsEach)
        {
            await socket.ReadUntilAsync(_ => true);
            progress?.TryWrite(true);
        }
    }

    /// <summary>
    /// Kills a worker whenever a random number of frames has arrived, and starts another in its place. Returns how often.
    /// </summary>
    private static async Task<int> KillAsync(ServiceCluster cluster, Random random, ChannelReader<bool> progress)
    {
        var kills = 0;
        var left = random.Next(150, 300);
        await foreach (var _ in progress.ReadAllAsync())
        {
            if (--left > 0 || kills == MostKills)
            {
                continue;
            }

            kills++;
            left = random.Next(50, 250);
            await cluster.KillAsync(cluster.Workers[random.Next(cluster.Workers.Count)]);
            await cluster.StartWorkerAsync();
        }

        return kills;
    }
}
