using System.Globalization;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Microsoft.Extensions.Hosting;
using Xunit.Abstractions;

namespace AgentStream.Tests.Messaging.Redis.Failover;

/// <summary>The store on a primary with two replicas that real Sentinels watch.</summary>
public sealed class SentinelTests(ITestOutputHelper output)
{
    /// <summary>Sentinel's own time to see the new primary's word in its answer to INFO, and one second.</summary>
    private static readonly TimeSpan LongestPlanned = TimeSpan.FromSeconds(3);

    [RedisFact]
    public async Task Failover_Planned_LosesNothingAndTheRunGoesOn()
    {
        await using var redis = await RedisSentinels.StartAsync();
        await using var run = await SteadyRun.BeginAsync(redis.ConnectionString);
        var before = await redis.PrimaryAsync();

        await redis.FailOverAsync();
        await redis.WaitForAnotherPrimaryAsync(before);
        await run.GoOnAsync();

        await run.EndAsync();
        output.WriteLine(run.ToString());
        Assert.InRange(run.LongestPause, TimeSpan.Zero, LongestPlanned);
    }

    [RedisFact]
    public async Task Failover_OfAPrimaryThatWasKilled_LosesNothingThatWasReplicatedAndTheRunGoesOn()
    {
        await using var redis = await RedisSentinels.StartAsync();
        await using var run = await SteadyRun.BeginAsync(redis.ConnectionString);
        var primary = await redis.PrimaryServerAsync();

        await primary.KillAsync();
        await redis.WaitForAnotherPrimaryAsync(primary.Port);
        await run.GoOnAsync();

        await run.EndAsync();
        output.WriteLine(run.ToString());
        Assert.InRange(run.LongestPause, RedisSentinels.DownAfter / 2, TimeSpan.FromSeconds(10));
    }

    [RedisFact]
    public async Task Host_WithoutItsSentinels_SaysSoAndDoesNotStart()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = string.Create(
            CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take(1)[0]},serviceName={RedisSentinels.Service},connectTimeout=500");
        builder.Configuration["AgentStream:Redis:StartTimeout"] = "00:00:01";
        builder.Configuration["AgentStream:Redis:CommandTimeout"] = "00:00:01";
        builder.AddAgentStreamMessaging();
        using var host = builder.Build();

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => host.StartAsync());

        Assert.StartsWith(
            "No start without Redis, after 1 s (AgentStream:Redis:StartTimeout). ", exception.Message, StringComparison.Ordinal);
        Assert.NotNull(StoreStartFailure.Describe(exception));
    }
}
