using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>Services that can't start, because their Redis is away.</summary>
[SystemTest]
public sealed class StartTests
{
    [Theory]
    [InlineData("AgentStream.Api", "", "Redis at localhost:")]
    [InlineData("AgentStream.Worker", ",serviceName=agentstream", "No Sentinel of ConnectionStrings:redis can be asked")]
    public async Task Start_RedisOrItsSentinelsAway_SaysSoInOneSentenceAndFails(string project, string sentinel, string sentence)
    {
        using var data = new TemporaryDirectory();
        var settings = Settings(data, FreePorts.Take(1)[0], "00:00:01");
        settings["ConnectionStrings__redis"] += sentinel;
        await using var service = ServiceProcess.Start(project, "Application started.", settings);

        Assert.Equal(1, await service.WaitForExitAsync());
        Assert.Contains(
            $"No start without Redis, after 1 s (AgentStream:Redis:StartTimeout). {sentence}",
            service.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("xception", service.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AgentStream.Api")]
    [InlineData("AgentStream.Worker")]
    public async Task Start_WithoutARedisToMeetIn_SaysSoInOneSentenceAndFails(string project)
    {
        using var data = new TemporaryDirectory();
        var settings = Settings(data, 0, "00:00:01");
        settings["ConnectionStrings__redis"] = null;
        await using var service = ServiceProcess.Start(project, "Application started.", settings);

        Assert.Equal(1, await service.WaitForExitAsync());
        Assert.Contains("ConnectionStrings:redis is not set", service.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", service.Output, StringComparison.Ordinal);
    }

    [RedisTheory]
    [InlineData("AgentStream.Worker")]
    public async Task Start_RedisComesLater_WaitsForIt(string project)
    {
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var service = ServiceProcess.Start(project, "Application started.", Settings(data, redis.Port, "00:01:00"));
        await service.WaitForLineAsync("nothing listens there");

        await redis.StartAgainAsync();

        await service.WaitUntilReadyAsync();
    }

    private static Dictionary<string, string?> Settings(TemporaryDirectory data, int redis, string startTimeout) => new()
    {
        ["ConnectionStrings__redis"] = $"localhost:{redis},connectTimeout=500",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["AgentStream__DataDirectory"] = data.Path,
        ["AgentStream__Redis__StartTimeout"] = startTimeout,
    };
}
