#!/usr/bin/env bash
# Package:   OpenTelemetry.Exporter.Prometheus.HttpListener 1.20.1-beta.1
# Behaviour: DisableTotalNameSuffixForCounters changes the names in the text format alone; whoever asks for OpenMetrics gets them with the
#            suffix.
# Output:    DisableTotalNameSuffixForCounters False: runs_total as text, runs_total as OpenMetrics
#            DisableTotalNameSuffixForCounters True: runs as text, runs_total as OpenMetrics
# Surprise:  curl and a browser show the counter as "runs", so the setting seems to work. Prometheus asks for OpenMetrics by default and
#            stores "runs_total": an alert that was written from what curl showed never fires. The option's text names no format.
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
using System.Net;
using System.Net.Sockets;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

const string Text = "text/plain";
// As Prometheus 3 asks.
const string OpenMetrics = "application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
    + "text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

using var http = new HttpClient();
using var meter = new Meter("finding");
var counter = meter.CreateCounter<long>("runs");
foreach (var disabled in new[] { false, true })
{
    var (text, open) = (await Name(Text, disabled), await Name(OpenMetrics, disabled));
    Console.WriteLine($"DisableTotalNameSuffixForCounters {disabled}: {text} as text, {open} as OpenMetrics");
}

async Task<string> Name(string accept, bool disabled)
{
    var port = FreePort();
    using var provider = Sdk.CreateMeterProviderBuilder().AddMeter("finding").AddPrometheusHttpListener(options =>
    {
        options.Port = port;
        options.DisableTotalNameSuffixForCounters = disabled;
    }).Build();
    counter.Add(1);
    using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/metrics");
    request.Headers.TryAddWithoutValidation("Accept", accept);
    using var response = await http.SendAsync(request);
    var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
    var sample = lines.First(line => line.StartsWith("runs", StringComparison.Ordinal));
    return sample[..sample.IndexOfAny(['{', ' '])];
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
X
output=$(dotnet run)
echo "$output"
grep -qxF 'DisableTotalNameSuffixForCounters False: runs_total as text, runs_total as OpenMetrics' <<< "$output"
grep -qxF 'DisableTotalNameSuffixForCounters True: runs as text, runs_total as OpenMetrics' <<< "$output"
