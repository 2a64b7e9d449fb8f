using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using AgentStream.Tests.Support.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace AgentStream.Tests.ServiceDefaults;

public sealed class ServiceDefaultsTests
{
    [Fact]
    public async Task DefaultEndpoints_InProduction_TellHealthAndLiveness()
    {
        var builder = OnAnyPort();
        builder.Environment.EnvironmentName = Environments.Production;
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.First()) };

        Assert.Equal("Healthy", await client.GetStringAsync("/health"));
        Assert.Equal("Healthy", await client.GetStringAsync("/alive"));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("http://localhost:4317", "true")]
    public async Task Telemetry_WithoutEndpointOrSwitchedOff_IsNotBuilt(string? endpoint, string? off)
    {
        var builder = OnAnyPort();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        builder.Configuration["OTEL_SDK_DISABLED"] = off;
        builder.AddServiceDefaults();
        await using var app = builder.Build();

        Assert.Null(app.Services.GetService<TracerProvider>());
        Assert.Null(app.Services.GetService<MeterProvider>());
    }

    [Fact]
    public async Task Telemetry_WithEndpoint_ArrivesThereWhenTheHostHasStopped()
    {
        ConcurrentBag<string> received = [];
        await using var collector = OnAnyPort().Build();
        collector.MapPost("/v1/{signal}", (string signal) => received.Add(signal));
        await collector.StartAsync();

        var builder = OnAnyPort();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First();
        builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        builder.AddServiceDefaults();
        var app = builder.Build();
        using ActivitySource source = new("AgentStream.Tests");
        await using (app)
        {
            await app.StartAsync();
            using (source.StartActivity("work"))
            {
            }

            await app.StopAsync();
        }

        Assert.Contains("traces", received);
        Assert.Contains("metrics", received);
    }

    [Fact]
    public async Task Metrics_ThatPrometheusFetches_AreOnAPortOfTheirOwn()
    {
        var port = FreePorts.Take(1)[0];
        var builder = OnAnyPort();
        builder.Configuration["OTEL_METRICS_EXPORTER"] = "prometheus";
        builder.Configuration["OTEL_EXPORTER_PROMETHEUS_HOST"] = "127.0.0.1";
        builder.Configuration["OTEL_EXPORTER_PROMETHEUS_PORT"] = $"{port}";
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        using Meter meter = new("AgentStream.Tests");
        await app.StartAsync();
        meter.CreateCounter<int>("agentstream.fetched").Add(3);
        using HttpClient client = new();

        var fetched = await client.GetStringAsync($"http://127.0.0.1:{port}/metrics");
        Assert.Contains("agentstream_fetched_total", fetched, StringComparison.Ordinal);
        using var others = await client.GetAsync(new Uri($"{app.Urls.First()}/metrics"));
        Assert.Equal(HttpStatusCode.NotFound, others.StatusCode);
    }

    [Theory]
    [InlineData(null, null, "AgentStream.Sample", null)]
    [InlineData("worker", null, "worker", null)]
    [InlineData(null, "service.name=named,service.instance.id=first", "named", "first")]
    [InlineData("worker", "service.instance.id=first", "worker", "first")]
    public async Task Telemetry_OfEachProcess_HasANameAndAnInstanceUnlessTheyAreGiven(
        string? name, string? attributes, string expectedName, string? expectedInstance)
    {
        var builder = OnAnyPort();
        builder.Environment.ApplicationName = "AgentStream.Sample";
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9";
        builder.Configuration["OTEL_SERVICE_NAME"] = name;
        builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"] = attributes;
        builder.AddServiceDefaults();
        await using var app = builder.Build();

        var traced = app.Services.GetRequiredService<TracerProvider>()
            .GetResource()
            .Attributes.ToDictionary(one => one.Key, one => one.Value);
        var measured = app.Services.GetRequiredService<MeterProvider>()
            .GetResource()
            .Attributes.ToDictionary(one => one.Key, one => one.Value);

        Assert.Equal((expectedName, expectedName), (traced["service.name"], measured["service.name"]));
        Assert.Equal(traced["service.instance.id"], measured["service.instance.id"]);
        Assert.NotEqual("", traced["service.instance.id"]);
        Assert.Equal(expectedInstance ?? traced["service.instance.id"], traced["service.instance.id"]);
    }

    [Theory]
    [InlineData(null, ActivityTraceFlags.Recorded, true)]
    [InlineData(null, ActivityTraceFlags.None, false)]
    [InlineData("always_off", ActivityTraceFlags.Recorded, false)]
    [InlineData("always_on", ActivityTraceFlags.None, true)]
    public async Task Sampling_ByDefaultTheParentDecides_OrTheStandardVariable(string? sampler, ActivityTraceFlags parent, bool recorded)
    {
        var builder = OnAnyPort();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9";
        builder.Configuration["OTEL_TRACES_SAMPLER"] = sampler;
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        Assert.NotNull(app.Services.GetService<TracerProvider>());
        using ActivitySource source = new($"AgentStream.Tests.{Guid.NewGuid()}");
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), parent, isRemote: true);

        using var activity = source.StartActivity(ActivityKind.Internal, context, name: "work");

        Assert.Equal(recorded, activity?.Recorded ?? false);
    }

    private static WebApplicationBuilder OnAnyPort()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder;
    }
}
