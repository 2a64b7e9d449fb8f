using System.Diagnostics;
using System.Net;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace AgentStream.Tests.Access.Abuse;

/// <summary>
/// Requests made of the routes that there are, and of noise, for a bounded time: none is answered with 500, none shows what is somebody
/// else's, and the server lives. A failing request says its seed.
/// </summary>
public sealed class RouteFuzzTests(ITestOutputHelper output)
{
    private const int Workers = 4;
    private const string Secret = "mine";
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Requests_MadeOfTheRoutesAndOfNoise_AreAnsweredAsDocumented()
    {
        using var logs = new CollectedLogs();
        await using var api = await GuardedApi.StartAsync(
            new() { ["AgentStream:Api:MaxMessagesPerMinute"] = "1000000", ["AgentStream:Api:MaxConnectionsPerCaller"] = "1000000" },
            logs: logs);
        var owner = await api.KeyAsync("owner");
        var fuzzer = await api.KeyAsync("fuzzer");
        await api.BeginAsync("owned", owner);
        var routes = api.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!)
            .Distinct()
            .ToArray();
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");

        var watch = Stopwatch.StartNew();
        var sent = await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var requests = new FuzzedRequests(new Random(seed + worker), api.Host.Address, routes, fuzzer);
            var count = 0;
            for (; watch.Elapsed < Time; count++)
            {
                await AskAsync(api, requests, $"seed {seed}, worker {worker}, request {count}");
            }

            return count;
        })));

        output.WriteLine($"{sent.Sum()} requests");
        Assert.Empty(logs.At(LogLevel.Error).Concat(logs.At(LogLevel.Critical)));
        await api.Host.EmptyAsync(() => { });
        using var still = await api.SendAsync(HttpMethod.Get, "/api/sessions/owned", owner);
        Assert.Contains(Secret, await still.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task AskAsync(GuardedApi api, FuzzedRequests requests, string which)
    {
        using var request = requests.Next();
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        try
        {
            using var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var what = $"{which}: {request.Method} {request.RequestUri} was answered {(int)response.StatusCode}";
            Assert.True((int)response.StatusCode < 500, what);
            if (response.StatusCode is HttpStatusCode.SwitchingProtocols
                || response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                // Open until we go.
                return;
            }

            var body = await response.Content.ReadAsStringAsync(patience.Token);
            Assert.False(body.Contains(Secret, StringComparison.Ordinal), $"{what}: {body}");
            Assert.False(body.Contains("   at ", StringComparison.Ordinal) || body.Contains("Exception", StringComparison.Ordinal), body);
            if ((int)response.StatusCode >= 400 && request.Method != HttpMethod.Head && body.Length > 0
                && !IsOfAWire(request.RequestUri!.AbsolutePath))
            {
                await Problems.AssertAsync(response, CodeOf(body));
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException { InnerException: IOException })
        {
            // Cut in the middle of a body that nobody wanted.
        }
    }

    // Wires of others have errors of their own shape.
    private static bool IsOfAWire(string path)
        => Array.Exists(
            ["/ag-ui/", "/api/chat", "/v1/", "/mcp", "/a2a/", "/.well-known/", "/threads", "/ws/ui-messages"],
            start => path.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    private static string CodeOf(string problem)
    {
        const string Prefix = "urn:agentstream:error:";
        var start = problem.IndexOf(Prefix, StringComparison.Ordinal);
        Assert.True(start >= 0, problem);
        return problem[(start + Prefix.Length)..].Split('"')[0];
    }
}
