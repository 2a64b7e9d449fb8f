using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>Services that can't start, because their Redis is away.</summary>
[SystemTest]
public sealed class StartTests
{
    [Theory]
    [InlineData("AgentStream.Api")]
    [InlineData("AgentStream.Worker")]
    public async Task Start_RedisAway_SaysSoInOneSentenceAndFails(string project)
    {
        using var data = new TemporaryDirectory();
        await using var service = ServiceProcess.Start(project, "Application started.", Settings(data, FreePorts.Take(1)[0], "00:00:01"));

        Assert.Equal(1, await service.WaitForExitAsync());
        Assert.Contains(
            "Redis did not answer within 1 s. Start it, or correct ConnectionStrings:redis; AgentStream:Redis:StartTimeout sets how long "
                + "to wait.", service.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", service.Output, StringComparison.Ordinal);
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
    [InlineData("AgentStream.Api")]
    [InlineData("AgentStream.Worker")]
    public async Task Start_RedisComesLater_WaitsForIt(string project)
    {
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var service = ServiceProcess.Start(project, "Application started.", Settings(data, redis.Port, "00:01:00"));
        await service.WaitForLineAsync("Waiting for Redis (attempt 1)");

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
