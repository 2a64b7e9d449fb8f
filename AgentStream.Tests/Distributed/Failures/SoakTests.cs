using System.Diagnostics;
using System.Globalization;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Xunit.Abstractions;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>
/// Many sessions come and go.
/// For a few seconds only, which shows that every run ends; for as many minutes as <c>AGENTSTREAM_SOAK_MINUTES</c> says,
/// which shows that memory does not follow.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Talkers = 20;
    private const string Variable = "AGENTSTREAM_SOAK_MINUTES";
    private static readonly TimeSpan ShortRun = TimeSpan.FromSeconds(4);

    /// <summary>Before this long the processes are still warming up, and memory says nothing.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(2);

    private static TimeSpan Duration { get; } =
        double.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var minutes)
            ? TimeSpan.FromMinutes(minutes)
            : ShortRun;

    private const string Plan = """
        { "scripts": [ { "replies": [
            [ { "thought": "It must be computed." }, { "tool_call": { "name": "calculator", "arguments": { "expression": "6*7" } } } ],
            [ { "text": "It " }, { "delay_ms": 20 }, { "text": "is " }, { "delay_ms": 20 }, { "text": "42." } ] ] } ] }
        """;

    [RedisFact]
    public async Task ManySessions_ComingAndGoing_AllEndAndMemoryStaysFlat()
    {
        // Sessions expire after a minute, so from then on as many go as come.
        await using var cluster = await ServiceCluster.StartAsync(
            Plan,
            settings: [(
                "AgentStream__Redis__SessionRetention", "00:01:00"), (
                    "AgentStream__Messaging__ReplayWindow", "00:00:01"), (
                        "Logging__LogLevel__Default", "Warning"), ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "Information")]);
        using var end = new CancellationTokenSource(Duration);
        var sessions = 0;
        var talking = Task.WhenAll(Enumerable.Range(0, Talkers).Select(talker => TalkAsync(talker)));
        var samples = new List<long[]>();
        using (var timer = new PeriodicTimer(Duration / 24))
        {
            while (!end.IsCancellationRequested && await timer.WaitForNextTickAsync())
            {
                samples.Add([.. cluster.Apis.Concat(cluster.Workers).Select(MemoryOf), await RedisMemoryAsync(cluster)]);
                var sizes = samples[^1].Select(bytes => ((bytes >> 10) / 1024.0).ToString("0.0", CultureInfo.InvariantCulture));
                output.WriteLine(
                    $"{Volatile.Read(ref sessions)} sessions; MB of {cluster.Apis.Count} API, {cluster.Workers.Count} workers, Redis: "
                        + string.Join(", ", sizes));
            }
        }

        await talking;
        Assert.True(sessions >= Talkers);
        if (Duration < LongRun)
        {
            return;
        }

        for (var column = 0; column < samples[0].Length; column++)
        {
            var middle = samples[(samples.Count / 2)..(samples.Count * 3 / 4)].Average(sample => sample[column]);
            var last = samples[(samples.Count * 3 / 4)..].Average(sample => sample[column]);
            Assert.True(last < (middle * 1.15) + (4 << 20), $"Column {column} grew from {middle / 1e6:0.0} to {last / 1e6:0.0} MB.");
        }

        async Task TalkAsync(int talker)
        {
            for (var number = 0; !end.IsCancellationRequested; number++)
            {
                await using var socket = cluster.Socket((talker + number) % 2, $"soak-{talker}-{number}");
                await socket.ConnectAsync();
                await socket.ChatAsync("compute");
                var finished = await socket.ReadUntilAsync("run_finished");
                Assert.Equal("completed", finished.Data().Text("status"));
                Interlocked.Increment(ref sessions);
            }
        }
    }

    private static long MemoryOf(ServiceProcess service)
    {
        using var process = Process.GetProcessById(service.Id);
        return process.WorkingSet64;
    }

    private static async Task<long> RedisMemoryAsync(ServiceCluster cluster)
    {
        const string Name = "used_memory:";
        var line = (await cluster.Redis.AskAsync("INFO", "memory"))
            .Split("\r\n")
            .First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }
}
