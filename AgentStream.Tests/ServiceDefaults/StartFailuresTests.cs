using System.Net;
using AgentStream.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.ServiceDefaults;

public sealed class StartFailuresTests
{
    [Fact]
    public async Task RunService_LoopThatDies_StopsItAndExitsWithOne()
    {
        var builder = OnAnyPort();
        builder.Services.AddHostedService<DyingLoop>();

        Assert.Equal(1, await builder.Build().RunServiceAsync());
    }

    [Fact]
    public async Task RunService_ToldToStop_ExitsWithZero()
    {
        var builder = OnAnyPort();
        builder.Services.AddHostedService<LivingLoop>();
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);

        Assert.Equal(0, await app.RunServiceAsync());
    }

    private static WebApplicationBuilder OnAnyPort()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddStartFailures();
        builder.Logging.ClearProviders();
        return builder;
    }

    private sealed class DyingLoop(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new InvalidOperationException("The loop's own fault.");
        }
    }

    private sealed class LivingLoop : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
    }
}
