using System.Net;
using System.Net.Http.Json;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using k8s.Models;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>The services start with the environment and the files that the chart gives them; only addresses are others.</summary>
public sealed class ChartRunTests
{
    // A service that drains does not say "Application started".
    private const string ReadyLine = "Now listening on: ";

    [HelmRedisFact]
    public async Task Services_WithTheEnvironmentOfATrial_AnswerAQuestion()
    {
        using var files = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var services = await StartAsync("trial-values.yaml", redis, files);
        using var client = new HttpClient { BaseAddress = services.Api };

        using var answer = await client.PostAsJsonAsync(
            "/api/sessions/chart/messages?wait=true", new { message = "What is 2340*17.5/100?" });

        Assert.Contains("409.5", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var page = await client.GetAsync(services.Web);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [HelmRedisFact]
    public async Task Services_WithSecretsInFiles_AskWhoCalls()
    {
        using var files = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var services = await StartAsync("keys-values.yaml", redis, files);
        using var client = new HttpClient { BaseAddress = services.Api };

        using var answer = await client.GetAsync("/api/sessions");
        using var health = await client.GetAsync("/health");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (answer.StatusCode, health.StatusCode));
    }

    private static async Task<Services> StartAsync(string values, RedisServer redis, TemporaryDirectory files)
    {
        // What the Secrets have in them.
        await File.WriteAllTextAsync(files.File("ConnectionStrings__redis"), redis.AdminConnectionString);
        await File.WriteAllTextAsync(files.File("AgentStream__Access__Jwt__Key"), new string('k', 32));
        var chart = await RenderedChart.RenderAsync(values);
        var ports = FreePorts.Take(2);
        var addresses = new Dictionary<string, string>
        {
            ["api"] = $"http://127.0.0.1:{ports[0]}",
            ["web"] = $"http://127.0.0.1:{ports[1]}",
            ["worker"] = "http://127.0.0.1:0",
        };
        var services = new Services(new(addresses["api"]), new(addresses["web"]));
        foreach (var (component, address) in addresses)
        {
            var container = chart.Deployments.Single(one => PodRules.Component(one) == component).Spec.Template.Spec.Containers.Single();
            services.Processes.Add(ServiceProcess.Start(
                $"AgentStream.{char.ToUpperInvariant(component[0])}{component[1..]}", ReadyLine,
                OnThisMachine(container, redis, files, addresses["api"]).Append(new("ASPNETCORE_URLS", address))));
        }

        await Task.WhenAll(services.Processes.Select(process => process.WaitUntilReadyAsync()));
        return services;
    }

    private static IEnumerable<KeyValuePair<string, string?>> OnThisMachine(
        V1Container container, RedisServer redis, TemporaryDirectory files, string api)
    {
        foreach (var variable in container.Env.Where(variable => variable.Name != "ASPNETCORE_HTTP_PORTS"))
        {
            yield return new(variable.Name, variable.Value
                .Replace("redis:6379", redis.AdminConnectionString, StringComparison.Ordinal)
                .Replace("http://agentstream-api:8000", api, StringComparison.Ordinal)
                .Replace("/run/secrets/agentstream", files.Path, StringComparison.Ordinal));
        }

        // Names of this machine beside those of the cluster; the images' one directory to write to.
        yield return new("AgentStream__Api__AllowedHosts__8", "127.0.0.1");
        yield return new("AgentStream__Web__AllowedHosts__8", "127.0.0.1");
        yield return new("AgentStream__DataDirectory", files.File("data"));
    }

    private sealed record Services(Uri Api, Uri Web) : IAsyncDisposable
    {
        public List<ServiceProcess> Processes { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var process in Processes)
            {
                await process.DisposeAsync();
            }
        }
    }
}
