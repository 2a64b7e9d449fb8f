using AgentStream.Tests.Deploy.Team;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Updates;

/// <summary>
/// nginx as <c>deploy/team</c> has it, two API servers, two workers and the pages as processes, with the times that they have where nobody
/// sets them. Each can be replaced as compose does it: the old one is told to stop, and when it is gone the new one comes at its address;
/// and a worker, which nobody has an address of, also as docs/operations.md says: the new one comes first.
/// </summary>
internal sealed class UpdatedSystem : IAsyncDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly Dictionary<string, ServiceProcess> _services = [];
    private readonly Dictionary<string, int> _ports =
        TeamProxy.Names.Zip(FreePorts.Take(TeamProxy.Names.Count)).ToDictionary(pair => pair.First, pair => pair.Second);

    private readonly RedisServer _redis;
    private readonly int _people;
    private ServiceProcess? _nginx;

    private UpdatedSystem(RedisServer redis, int people) => (_redis, _people) = (redis, people);

    /// <summary>In the order in which they are replaced.</summary>
    public static IReadOnlyList<string> Services { get; } = ["worker-1", "api-1", "web", "worker-2", "api-2"];

    /// <summary>Where people find it.</summary>
    public Uri Address => new($"https://localhost:{_ports["https"]}");

    /// <summary>An API server, past nginx.</summary>
    public Uri Api => new($"http://localhost:{_ports["api-1"]}");

    public static async Task<UpdatedSystem> StartAsync(string plan, int people)
    {
        var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction");
        var system = new UpdatedSystem(redis, people);
        try
        {
            await system.StartAllAsync(plan);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// As <c>docker compose up --detach --no-deps NAME</c> does with a newer image; the first worker when its successor has come.
    /// </summary>
    public async Task ReplaceAsync(string name)
    {
        var old = _services[name];
        var comesFirst = name == Services[0];
        if (comesFirst)
        {
            await Start(name).WaitUntilReadyAsync();
        }

        old.Terminate();
        Assert.Equal(0, await old.WaitForExitAsync());
        Assert.DoesNotContain("xception", old.Output, StringComparison.Ordinal);
        await old.DisposeAsync();
        if (!comesFirst)
        {
            await Start(name).WaitUntilReadyAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await Nginx.StopAsync(_nginx);
        }

        foreach (var service in _services.Values)
        {
            await service.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _files.Dispose();
    }

    private async Task StartAllAsync(string plan)
    {
        await File.WriteAllTextAsync(_files.File("plan.json"), plan);
        foreach (var name in Services)
        {
            Start(name);
        }

        await Task.WhenAll(_services.Values.Select(service => service.WaitUntilReadyAsync()));
        _nginx = await TeamProxy.StartAsync(_files, _ports);
    }

    private ServiceProcess Start(string name) => _services[name] = ServiceProcess.Start(
        name[..3] switch { "api" => "AgentStream.Api", "web" => "AgentStream.Web", _ => "AgentStream.Worker" },
        "Now listening on: ",
        new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_ports.GetValueOrDefault(name)}",
            ["ConnectionStrings__redis"] = _redis.ConnectionString,
            ["AgentStream__Proxies__0"] = "127.0.0.1",
            ["AgentStream__DataDirectory"] = _files.File("data"),
            ["AgentStream__Shutdown__DrainTime"] = "00:00:01",
            ["AgentStream__DefaultModel"] = "scripted",
            ["AgentStream__Models__scripted__ScriptPath"] = _files.File("plan.json"),
            ["AgentStream__Models__scripted__MaxConcurrentRequests"] = $"{_people}",
            ["AgentStream__Worker__MaxConcurrentRuns"] = $"{_people}",
            ["AgentStream__Web__ApiInternalAddress"] = $"http://127.0.0.1:{_ports["inside"]}",
            ["AgentStream__Web__ApiBaseAddress"] = Address.GetLeftPart(UriPartial.Authority),
        });
}
