using AgentStream.ServiceDefaults;
using AgentStream.ServiceDefaults.Metrics;
using AgentStream.ServiceDefaults.Proxies;
using AgentStream.ServiceDefaults.Settings;
using AgentStream.ServiceDefaults.Stopping;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

// The namespace of Aspire's template: every service has it imported already.
namespace Microsoft.Extensions.Hosting;

/// <summary>Adds what every service of AgentStream does alike.</summary>
public static class Extensions
{
    private const string ReadinessPath = "/health";
    private const string LivenessPath = "/alive";
    private const string LiveTag = "live";

    /// <summary>Of the Model Context Protocol's SDK; each of its calls lies beneath the tool call that made it.</summary>
    private const string McpSource = "Experimental.ModelContextProtocol";

    private const string ServiceName = "service.name";
    private const string ServiceInstance = "service.instance.id";

    /// <summary>The same in traces, metrics and logs, each of which asks.</summary>
    private static readonly string Process = Guid.NewGuid().ToString();

    /// <summary>
    /// Adds log levels below what an operator sets (a line for each step of each request is noise), telemetry,
    /// health checks, service discovery, what has to be known of proxies, a look at the names of settings,
    /// and time for balancers to look away before a stop.
    /// HTTP clients get no resilience from here: an agent may think for minutes, and a message must not be sent twice.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddEmbeddedDefaults(typeof(Extensions).Assembly, "service.defaults.json");
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.AddReverseProxies();
        builder.AddSettingNames();
        builder.AddDraining();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        return builder;
    }

    /// <summary>
    /// Exports traces, metrics and logs over OTLP to <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>,
    /// and has metrics fetched on a port of their own (<c>/metrics</c>) where <c>OTEL_METRICS_EXPORTER</c> names <c>prometheus</c>.
    /// Without either, or with <c>OTEL_SDK_DISABLED=true</c>, nothing is collected at all:
    /// activity sources and meters without a listener cost next to nothing.
    /// </summary>
    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var isExported = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var isFetched = PrometheusAddress.IsWanted(builder.Configuration);
        if (!(isExported || isFetched)
            || string.Equals(builder.Configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            return builder;
        }

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => NameService(resource, builder))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("AgentStream*", McpSource)
                // Each host that is looked up would be a series, and models choose some of them.
                .AddView("dns.lookup.duration", new MetricStreamConfiguration { TagKeys = ["error.type"] }));
        if (isFetched)
        {
            builder.Services.AddOptions<PrometheusHttpListenerOptions>().Configure<IConfiguration>(PrometheusAddress.Configure);
            telemetry.WithMetrics(metrics => metrics.AddPrometheusHttpListener());
        }

        if (isExported)
        {
            builder.Logging.AddOpenTelemetry(logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            });
            telemetry
                .WithTracing(tracing => tracing
                    .AddAspNetCoreInstrumentation()
                    .AddHttpClientInstrumentation()
                    .AddSource("AgentStream*", McpSource))
                .UseOtlpExporter();
        }

        return builder;
    }

    // Aspire, and whoever else says so in the standard variables, knows better.
    // Without a name every .NET service is called unknown_service;
    // without an instance id backends take two processes of one service for one, whose counters jump up and down between theirs.
    private static void NameService(ResourceBuilder resource, IHostApplicationBuilder builder)
    {
        // OTEL_RESOURCE_ATTRIBUTES=service.instance.id=abc,deployment.environment.name=test
        var given = (builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "")
            .Split(',')
            .Select(pair => pair.Split('=')[0].Trim())
            .ToHashSet();
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]) && !given.Contains(ServiceName))
        {
            resource.AddAttributes([new(ServiceName, builder.Environment.ApplicationName)]);
        }

        if (!given.Contains(ServiceInstance))
        {
            resource.AddAttributes([new(ServiceInstance, Process)]);
        }
    }

    /// <summary>A check that the process answers at all; services add their own for what they depend on.</summary>
    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder;
    }

    /// <summary>
    /// <c>/health</c> (ready: every check passes) and <c>/alive</c> (the process answers). In every environment, unlike Aspire's template:
    /// containers are probed in production. They tell a status and nothing else.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(ReadinessPath).DisableHttpMetrics().WithoutSpan();
        app.MapHealthChecks(LivenessPath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) })
            .DisableHttpMetrics()
            .WithoutSpan();
        return app;
    }

    /// <summary>
    /// Tells whether a request is a probe: it comes under whatever name or address the orchestrator has for the service,
    /// and is told a status and nothing else.
    /// </summary>
    public static bool IsHealthProbe(this HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path == ReadinessPath || request.Path == LivenessPath;
    }
}
