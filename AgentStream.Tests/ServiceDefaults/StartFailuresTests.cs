using System.Net;
using System.Net.Sockets;
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

    [Theory]
    [InlineData("foo", "foo")]
    [InlineData("http://localhost:0;ftp://localhost:1", "ftp://localhost:1")]
    public async Task RunService_AddressThatIsNone_SaysSoInASentence(string urls, string wrong)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = urls;
        var said = await FailureOfAsync(builder);
        Assert.Equal(
            $"ASPNETCORE_URLS is '{wrong}'; it takes http or https addresses such as http://localhost:8000, several with semicolons "
                + $"between them.", said.Trim());
    }

    [Fact]
    public async Task RunService_SettingsOfSeveralPartsWrong_SaysEachOnce()
    {
        var builder = OnAnyPort();
        builder.Services.AddOptions<First>().Validate(_ => false, "One.").ValidateOnStart();
        builder.Services.AddOptions<Second>().Validate(_ => false, "One.").Validate(_ => false, "Two.").ValidateOnStart();
        Assert.Equal(["One.", "Two."], (await FailureOfAsync(builder)).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(null, "Metrics can't be served on port ")]
    [InlineData("none", "OTEL_EXPORTER_PROMETHEUS_PORT is 'none'; it takes a port from 1 to 65535.")]
    public async Task Metrics_OnAPortThatIsTakenOrNone_StopTheStartWithASentence(string? wrong, string expected)
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        var builder = OnAnyPort();
        builder.Configuration["OTEL_METRICS_EXPORTER"] = "otlp, prometheus";
        builder.Configuration["OTEL_EXPORTER_PROMETHEUS_PORT"] = wrong ?? $"{((IPEndPoint)taken.LocalEndpoint).Port}";
        builder.AddServiceDefaults();

        Assert.StartsWith(expected, await FailureOfAsync(builder), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunService_SettingThatThereIsNot_IsNamed()
    {
        var builder = OnAnyPort();
        builder.Configuration["AgentStream:Api:MaxBehnd"] = "5";
        builder.AddServiceDefaults();

        Assert.Equal(
            "AgentStream:Api:MaxBehnd is no setting. The nearest one is AgentStream:Api:MaxBehind: "
                + "correct the name, or leave the setting out.",
            (await FailureOfAsync(builder)).Trim());
    }

    private static async Task<string> FailureOfAsync(WebApplicationBuilder builder)
    {
        builder.AddStartFailures();
        builder.Logging.ClearProviders();
        var (before, said) = (Console.Error, new StringWriter());
        Console.SetError(said);
        try
        {
            Assert.Equal(1, await builder.Build().RunServiceAsync());
        }
        finally
        {
            Console.SetError(before);
        }

        return said.ToString();
    }

    private sealed class First;

    private sealed class Second;

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
