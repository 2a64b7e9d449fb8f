using System.Net.Http.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>
/// A service that is told to stop in the middle of its work says nothing of exceptions: who reads the log of a stop that went well
/// shall find nothing to worry about.
/// </summary>
public sealed class CleanStopTests
{
    private const string Plan = """{ "scripts": [ { "replies": [ [ { "text": "One " }, { "wait_for_file": "never" } ] ] } ] }""";

    /// <summary>In which order the services are told; those of one letter at once.</summary>
    [RedisTheory]
    [InlineData("awp")]
    public async Task Stop_InTheMiddleOfARunWithOpenSockets_LogsNoException(string order)
    {
        await using var cluster = await ServiceCluster.StartAsync(Plan, apis: 1, workers: 1, web: true);
        await using var clients = await Clients.ConnectAsync(cluster.Api, cluster.Web);
        var services = new Dictionary<char, ServiceProcess>
        {
            ['a'] = cluster.Apis[0],
            ['w'] = cluster.Workers[0],
            ['p'] = cluster.Pages,
        };

        foreach (var together in order.Split(' '))
        {
            foreach (var letter in together)
            {
                services[letter].Terminate();
            }

            foreach (var letter in together)
            {
                AssertClean(services[letter], await services[letter].WaitForExitAsync());
            }
        }
    }

    [SystemTest]
    [Fact]
    public async Task Stop_OfStandaloneInTheMiddleOfARunWithOpenSockets_LogsNoException()
    {
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        await using var standalone = new StandaloneService(
            ("AgentStream__DefaultModel", "scripted"), ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")));
        await standalone.StartAsync();
        await using var clients = await Clients.ConnectAsync(standalone.Api, standalone.Web);

        standalone.Process.Terminate();

        AssertClean(standalone.Process, await standalone.Process.WaitForExitAsync());
    }

    private static void AssertClean(ServiceProcess service, int exitCode)
    {
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("xception", service.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", service.Output, StringComparison.Ordinal);
    }

    /// <summary>Whatever may be open while a run is under way: sockets of both versions, an event stream, a request that waits.</summary>
    private sealed class Clients : IAsyncDisposable
    {
        private readonly List<ChatSocket> _sockets = [];
        private readonly HttpClient _http = new();
        private readonly List<Task> _open = [];

        public static async Task<Clients> ConnectAsync(Uri api, Uri web)
        {
            var clients = new Clients();
            for (var number = 0; number < 4; number++)
            {
                // Two talk, each in a session of its own, and two look on.
                var socket = new ChatSocket(api, $"stop-{number % 2}");
                clients._sockets.Add(socket);
                await socket.ConnectAsync();
                if (number < 2)
                {
                    await socket.ChatAsync("Say two words.");
                    await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One"));
                }
            }

            clients._open.AddRange(clients._sockets.Select(socket => socket.ReadToTheEndAsync()));
            var events = await clients._http.GetAsync(
                new Uri(api, "/api/sessions/stop-0/events"), HttpCompletionOption.ResponseHeadersRead);
            clients._open.Add(events.Content.ReadAsStringAsync());
            clients._open.Add(clients._http.PostAsJsonAsync(
                new Uri(api, "/api/sessions/stop-1/messages?wait=true"), new { message = "And?" }));
            using var page = await clients._http.GetAsync(web);
            Assert.True(page.IsSuccessStatusCode);
            return clients;
        }

        public async ValueTask DisposeAsync()
        {
            // How each of them ends is another test's matter.
            await Task.WhenAll(_open).WaitAsync(TestTimeouts.Default).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _http.Dispose();
            foreach (var socket in _sockets)
            {
                await socket.DisposeAsync();
            }
        }
    }
}
