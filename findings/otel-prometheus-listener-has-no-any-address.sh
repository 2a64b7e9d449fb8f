#!/usr/bin/env bash
# Package:   OpenTelemetry.Exporter.Prometheus.HttpListener 1.20.1-beta.1
# Behaviour: no value of Host listens on all addresses; 0.0.0.0 and * are errors at the start, and a name or an address answers 404 under
#            any other name of the same machine. OTEL_EXPORTER_PROMETHEUS_HOST is the same setting.
# Output:    Host 0.0.0.0: The request is not supported.
#            Host *: Invalid URI: The hostname could not be parsed.
#            Host 127.0.0.1: 200 under 127.0.0.1, 404 under localhost
#            the listener's own prefix: 200 under 127.0.0.1, 200 under localhost
# Surprise:  0.0.0.0 is what a container's exporter is told everywhere else. Host is no address to bind to: it is the prefix of an
#            HttpListener, which is compared with the request's Host header, so that a scraper that knows another name of the pod reads
#            404 from a port that is open. Only ConfigureHttpListener gets at the prefix that listens under every name (of IPv4).
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
using System.Net;
using System.Net.Sockets;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

using var http = new HttpClient();
foreach (var host in new[] { "0.0.0.0", "*", "127.0.0.1" })
{
    await Try($"Host {host}", options => options.Host = host);
}

await Try("the listener's own prefix", options => options.ConfigureHttpListener = (own, listener) =>
{
    listener.Prefixes.Clear();
    listener.Prefixes.Add($"http://*:{own.Port}/metrics/");
});

async Task Try(string what, Action<PrometheusHttpListenerOptions> configure)
{
    var port = FreePort();
    try
    {
        using var provider = Sdk.CreateMeterProviderBuilder().AddPrometheusHttpListener(options =>
        {
            options.Port = port;
            configure(options);
        }).Build();
        Console.WriteLine($"{what}: {await Status("127.0.0.1", port)} under 127.0.0.1, {await Status("localhost", port)} under localhost");
    }
    catch (InvalidOperationException exception)
    {
        Console.WriteLine($"{what}: {exception.InnerException!.Message}");
    }
}

async Task<int> Status(string name, int port)
{
    using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/metrics");
    request.Headers.Host = $"{name}:{port}";
    using var response = await http.SendAsync(request);
    return (int)response.StatusCode;
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
grep -qxF 'Host 0.0.0.0: The request is not supported.' <<< "$output"
grep -qxF 'Host *: Invalid URI: The hostname could not be parsed.' <<< "$output"
grep -qxF 'Host 127.0.0.1: 200 under 127.0.0.1, 404 under localhost' <<< "$output"
grep -qxF "the listener's own prefix: 200 under 127.0.0.1, 200 under localhost" <<< "$output"
