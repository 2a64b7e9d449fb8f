#!/usr/bin/env bash
# Package:   OpenTelemetry.Exporter.Prometheus.HttpListener 1.20.1-beta.1
# Behaviour: a histogram that a view makes exponential is not in the scrape at all, in any format: no samples, no TYPE line, no comment.
# Output:    plain: 200 with runs_total, latency in 2 of 2 formats
#            exponential: 200 with runs_total, latency in 0 of 2 formats
#            warnings about it: 0
# Surprise:  a view chooses how a histogram is kept, not whether it is exported, and Prometheus has such histograms (native ones).
#            The scrape is 200 and whole in every other respect, and the exporter's diagnostics mention it at Verbose alone. Whoever
#            moves from OTLP, where the same view is sent, loses the metric without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > finding.csproj <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="OpenTelemetry.Exporter.Prometheus.HttpListener" Version="[1.20.1-beta.1]" /></ItemGroup>
</Project>
X
cat > Program.cs <<'X'
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Net;
using System.Net.Sockets;
using OpenTelemetry;
using OpenTelemetry.Metrics;

using var diagnostics = new Diagnostics();
using var http = new HttpClient();
using var meter = new Meter("finding");
var runs = meter.CreateCounter<long>("runs");
var latency = meter.CreateHistogram<double>("latency");
await Try("plain", builder => builder);
await Try("exponential", builder => builder.AddView("latency", new Base2ExponentialBucketHistogramConfiguration()));
Console.WriteLine($"warnings about it: {diagnostics.Count}");

async Task Try(string what, Func<MeterProviderBuilder, MeterProviderBuilder> view)
{
    var port = FreePort();
    using var provider = view(Sdk.CreateMeterProviderBuilder().AddMeter("finding"))
        .AddPrometheusHttpListener(options => options.Port = port)
        .Build();
    runs.Add(1);
    latency.Record(0.2);
    var seen = new List<bool>();
    foreach (var accept in new[] { "text/plain", "application/openmetrics-text;version=1.0.0" })
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync();
        seen.Add(text.Contains("latency"));
        if (!text.Contains("runs_total"))
        {
            throw new InvalidOperationException(text);
        }
    }

    Console.WriteLine($"{what}: 200 with runs_total, latency in {seen.Count(yes => yes)} of {seen.Count} formats");
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}

sealed class Diagnostics : EventListener
{
    public int Count;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith("OpenTelemetry", StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.Level is EventLevel.Warning or EventLevel.Error && eventData.Payload!.Any(value => $"{value}" == "latency"))
        {
            Interlocked.Increment(ref Count);
        }
    }
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'plain: 200 with runs_total, latency in 2 of 2 formats' <<< "$output"
grep -qxF 'exponential: 200 with runs_total, latency in 0 of 2 formats' <<< "$output"
grep -qxF 'warnings about it: 0' <<< "$output"
