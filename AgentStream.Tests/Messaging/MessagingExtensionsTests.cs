using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Messaging;

public sealed class MessagingExtensionsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agentstream-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Host_Started_KeepsItsSessionsUnderTheContentRoot()
    {
        var request = Make.Request();
        using (var host = Build())
        {
            await host.StartAsync();
            await host.Services.GetRequiredService<IRunQueue>().EnqueueAsync(request);
            await host.StopAsync();
        }

        Assert.True(File.Exists(Path.Combine(_root, "data", "sessions.db")));
        using var again = Build();
        await again.StartAsync();
        Assert.Equal(request.RunId, (await again.Services.GetRequiredService<IRunQueue>().ClaimAsync("w"))?.Request.RunId);
        await again.StopAsync();
    }

    [Fact]
    public async Task HostedService_ThatStarts_FindsTheStoreOpen()
    {
        var builder = Builder();
        builder.Services.AddHostedService<EarlyUser>();
        builder.AddAgentStreamMessaging();
        using var host = builder.Build();

        await host.StartAsync();

        await host.StopAsync();
    }

    [Fact]
    public async Task SecondHost_OnTheSameDirectory_DoesNotStart()
    {
        using var first = Build();
        await first.StartAsync();
        using var second = Build();

        var exception = await Assert.ThrowsAsync<DataDirectoryInUseException>(() => second.StartAsync());

        Assert.Contains(Path.Combine(_root, "data"), exception.Message, StringComparison.Ordinal);
        await first.StopAsync();
    }

    [Theory]
    [InlineData(
        "AgentStream:Messaging:LeaseDuration", "soon",
        "AgentStream:Messaging:LeaseDuration is 'soon'; it takes a time as [days.]hours:minutes:seconds from 00:00:01 to 00:10:00.")]
    [InlineData(
        "AgentStream:Messaging:LeaseDuration", "00:00:00",
        "AgentStream:Messaging:LeaseDuration is '00:00:00'; it takes a time as [days.]hours:minutes:seconds from 00:00:01 to 00:10:00.")]
    [InlineData(
        "AgentStream:Messaging:MaxQueuedRuns", "0", "AgentStream:Messaging:MaxQueuedRuns is '0'; it takes a whole number from 1 to 10000.")]
    [InlineData("AgentStream:Embedded:FlushToDisk", "perhaps", "AgentStream:Embedded:FlushToDisk is 'perhaps'; it takes true or false.")]
    [InlineData("AgentStream:DataDirectory", "", "AgentStream:DataDirectory is empty; it takes the path of a directory.")]
    [InlineData(
        "AgentStream:DataDirectory", "/dev/null/x",
        "AgentStream:DataDirectory is '/dev/null/x', which can't be made or written to; it takes a directory that this process may write "
            + "to.")]
    public async Task Setting_ThatIsWrong_StopsTheStartWithASentence(string setting, string value, string sentence)
    {
        using var host = Build((setting, value));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(sentence, exception.Message);
    }

    [Fact]
    public async Task Lease_ThatASlowCommandOutlasts_StopsTheStartWithASentence()
    {
        using var host = Build(("ConnectionStrings:redis", "localhost:1"), ("AgentStream:Messaging:LeaseDuration", "00:00:07"));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(
            "AgentStream:Messaging:LeaseDuration is 00:00:07 and AgentStream:Redis:CommandTimeout is 00:00:05; a lease takes one and a "
                + "half times as long as a command at least, or it is lost with the first slow one.",
            exception.Message);
    }

    [Fact]
    public async Task Health_OfAnOpenStore_IsGoodAndOfAClosedOneIsNot()
    {
        using var host = Build();
        await host.StartAsync();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);

        await host.StopAsync();

        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await host.Services.GetRequiredService<ISessionLog>().GetHeadAsync(Make.Session));
    }

    private IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Builder();
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        builder.AddAgentStreamMessaging();
        builder.AddAgentStreamMessaging();
        return builder.Build();
    }

    private HostApplicationBuilder Builder()
        => Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _root });

    private sealed class EarlyUser(ISessionLog log) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken) => await log.GetHeadAsync(Make.Session, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
