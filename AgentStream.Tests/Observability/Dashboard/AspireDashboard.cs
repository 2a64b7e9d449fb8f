using System.Globalization;
using System.Reflection;
using AgentStream.Tests.Browser;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Observability.Dashboard;

/// <summary>
/// The real dashboard, on ports of its own.
/// Where it is: <c>AGENTSTREAM_ASPIRE_DASHBOARD</c> names the program, or else it came with the AppHost's packages.
/// </summary>
internal sealed class AspireDashboard : IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly int[] _ports;

    private AspireDashboard(ServiceProcess process, int[] ports) => (_process, _ports) = (process, ports);

    /// <summary>Why nothing can be looked at in it; <c>null</c>: it can.</summary>
    public static string? SkipReason => Requirements.SkipWithout("chromium", ChromiumBrowser.Executable)
        ?? (File.Exists(Program) ? null : "The Aspire dashboard is not here: build the AppHost, whose packages bring it.");

    private static string Program { get; } = Environment.GetEnvironmentVariable("AGENTSTREAM_ASPIRE_DASHBOARD") is { Length: > 0 } given
        ? given
        : typeof(AspireDashboard).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            metadata => metadata.Key == "AspireDashboard").Value!;

    /// <summary>The settings that make a service export here, soon.</summary>
    public (string Name, string? Value)[] Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Address(_ports[1])),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
    ];

    public static async Task<AspireDashboard> StartAsync()
    {
        var ports = FreePorts.Take(3);
        var process = ServiceProcess.StartProgram(Program, "OTLP/HTTP listening on", [
            KeyValuePair.Create("ASPNETCORE_URLS", (string?)Address(ports[0])),
            KeyValuePair.Create("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", (string?)Address(ports[1])),
            KeyValuePair.Create("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", (string?)Address(ports[2])),
            KeyValuePair.Create("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", (string?)"true"),
        ]);
        await process.WaitUntilReadyAsync();
        return new AspireDashboard(process, ports);
    }

    /// <summary>Where a trace is looked at.</summary>
    public string TraceAddress(string traceId) => $"{Address(_ports[0])}/traces/detail/{traceId}";

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
}
