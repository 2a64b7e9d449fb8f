using System.Diagnostics;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Xunit.Abstractions;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>Real services on a primary that Sentinels replace in the middle of a run, as an operator does before maintenance.</summary>
public sealed class SentinelFailoverTests(ITestOutputHelper output)
{
    private const int Words = 250;

    [RedisFact]
    public async Task Failover_Planned_IsAShortPauseInTheSameAttempt()
    {
        await using var redis = await RedisSentinels.StartAsync();
        await using var cluster = await ServiceCluster.StartAsync(
            Plan(), apis: 1, workers: 2, web: false, ("ConnectionStrings__redis", redis.ConnectionString));
        await using var socket = cluster.Socket(0, "failover");
        await socket.ConnectAsync();
        await socket.ChatAsync("failover");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "w20 "));

        await redis.FailOverAsync();
        var (longest, last) = (TimeSpan.Zero, Stopwatch.GetTimestamp());
        await socket.ReadUntilAsync(frame =>
        {
            if (frame.TryGetProperty("seq", out _))
            {
                var pause = Stopwatch.GetElapsedTime(last);
                (longest, last) = (pause > longest ? pause : longest, Stopwatch.GetTimestamp());
            }

            return ChatSocket.TypeOf(frame) == "run_finished";
        });

        output.WriteLine($"longest pause {longest.TotalMilliseconds:0} ms");
        Assert.Null(socket.Resync);
        Assert.Equal([1], socket.Attempts());
        Assert.Empty(socket.Of("step_superseded"));
        Assert.Equal(string.Concat(Text()), socket.KeptSteps[^1].Text("content"));
        Assert.NotEqual(redis.Servers[0].Port, await redis.PrimaryAsync());
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    private static IEnumerable<string> Text() => Enumerable.Range(1, Words).Select(word => $"w{word} ");

    /// <summary>Some ten seconds of words.</summary>
    private static string Plan()
    {
        var actions = Text().Select(word => $$"""{ "text": "{{word}}" }, { "delay_ms": 30 }""");
        return $$"""{ "scripts": [ { "when": "failover", "replies": [ [ {{string.Join(", ", actions)}} ] ] } ] }""";
    }
}
