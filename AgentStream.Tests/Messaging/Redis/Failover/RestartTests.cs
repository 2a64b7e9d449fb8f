using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Xunit.Abstractions;

namespace AgentStream.Tests.Messaging.Redis.Failover;

/// <summary>A server that is started again is found at once, however long it was away.</summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    [RedisTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Server_AwayForSomeSeconds_IsUsedAgainAtOnce(int seconds)
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes");
        await using var run = await SteadyRun.BeginAsync(server.ConnectionString);

        var began = TimeProvider.System.GetTimestamp();
        await server.KillAsync();

        // This is the outage itself, and waits for nothing.
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await server.StartAgainAsync();
        var away = TimeProvider.System.GetElapsedTime(began);
        await run.GoOnAsync();

        await run.EndAsync();
        output.WriteLine($"away for {away.TotalMilliseconds:0} ms, {run}");
        Assert.InRange(run.LongestPause, TimeSpan.Zero, away + TimeSpan.FromSeconds(1));
    }
}
