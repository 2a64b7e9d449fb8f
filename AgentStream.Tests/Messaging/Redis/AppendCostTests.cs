using System.Globalization;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>
/// How many commands Redis executes for an append: a token costs that many on its way to the readers, however many there are.
/// </summary>
public sealed class AppendCostTests
{
    private const int Appends = 100;

    [RedisFact]
    public async Task Append_OfDeltasOfOneStep_CostsFiveCommands()
    {
        await using var server = await RedisServer.StartAsync();
        await using var process = await RedisProcess.StartAsync(server, "agentstream:a:");
        await process.Store.EnqueueAsync(Make.Request("m1"));
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        await process.Store.AppendAsync(Make.Append(lease, 1, Make.Delta(lease, 1, "a")));
        var before = await CallsAsync(server);

        for (var number = 2; number < Appends + 2; number++)
        {
            await process.Store.AppendAsync(Make.Append(lease, number, Make.Delta(lease, 1, "b")));
        }

        var after = await CallsAsync(server);

        // The script itself and four inside of it.
        // The list of sessions is told every few seconds, which is not told apart here: that is why the others are counted alone.
        Assert.All(
            (string[])["hmget", "xadd", "publish"],
            command => Assert.Equal(Appends, after[command] - before.GetValueOrDefault(command)));
        Assert.InRange(after["hset"] - before["hset"], Appends, Appends + 2);
        Assert.InRange(after.Values.Sum() - before.Values.Sum(), 5 * Appends, (5 * Appends) + 50);
    }

    private static async Task<Dictionary<string, long>> CallsAsync(RedisServer server)
    {
        const string Prefix = "cmdstat_";
        var stats = await server.AskAsync("INFO", "commandstats");
        return stats.Split('\n')
            .Where(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(
                line => line[Prefix.Length..line.IndexOf(':', StringComparison.Ordinal)],
                line => long.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture));
    }
}
