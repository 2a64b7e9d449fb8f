using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;

namespace AgentStream.ServiceDefaults.Metrics;

/// <summary>
/// Reads where Prometheus fetches metrics, from the variables of the OpenTelemetry specification:
/// <c>OTEL_METRICS_EXPORTER</c> has <c>prometheus</c> in its list, <c>OTEL_EXPORTER_PROMETHEUS_HOST</c> (<c>localhost</c>)
/// and <c>OTEL_EXPORTER_PROMETHEUS_PORT</c> (9464) say where.
/// </summary>
/// <remarks>https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/</remarks>
internal static class PrometheusAddress
{
    private const string ExporterSetting = "OTEL_METRICS_EXPORTER";
    private const string HostSetting = "OTEL_EXPORTER_PROMETHEUS_HOST";
    private const string PortSetting = "OTEL_EXPORTER_PROMETHEUS_PORT";
    private const string DefaultHost = "localhost";
    private const int DefaultPort = 9464;

    /// <summary>Tells whether metrics are to be fetched.</summary>
    public static bool IsWanted(IConfiguration configuration)
        => (configuration[ExporterSetting] ?? "").Split(',', StringSplitOptions.TrimEntries)
            .Contains("prometheus", StringComparer.OrdinalIgnoreCase);

    /// <exception cref="OptionsValidationException">The port is none.</exception>
    public static void Configure(PrometheusHttpListenerOptions options, IConfiguration configuration)
    {
        var host = Text(HostSetting) ?? DefaultHost;
        options.Port = Text(PortSetting) is not { } text ? DefaultPort
            : ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port
            : throw new OptionsValidationException(
                PortSetting, typeof(PrometheusHttpListenerOptions), [$"{PortSetting} is '{text}'; it takes a port from 1 to 65535."]);
        if (host is "0.0.0.0" or "*" or "+" or "::" or "[::]")
        {
            // The exporter takes no such host, and with another one answers under that name alone
            // (1.20.1-beta.1; findings/otel-prometheus-*). The listener's own word for every name is a star.
            options.ConfigureHttpListener = (own, listener) =>
            {
                listener.Prefixes.Clear();
                listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://*:{own.Port}/metrics/"));
            };
        }
        else
        {
            options.Host = host;
        }

        string? Text(string name) => configuration[name] is { Length: > 0 } text ? text : null;
    }

    /// <summary>Describes a start that failed because nothing can listen there.</summary>
    public static string DescribeFailure(IConfiguration configuration)
        => $"Metrics can't be served on port {configuration[PortSetting] ?? $"{DefaultPort}"} of "
            + $"{configuration[HostSetting] ?? DefaultHost}: stop what listens there, or choose another {PortSetting} or {HostSetting} "
            + "(each service needs a port of its own).";
}
