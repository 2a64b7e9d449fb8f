using System.Globalization;
using System.Security.Cryptography;
using AgentStream.Tests.Browser.SignIn;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>
/// What <c>deploy/team</c> describes, started without a container engine: each service of its compose file with the environment that stands
/// there, Redis with the command that stands there, nginx with the configuration beside it.
/// Only addresses are others, and the certificate is the test's own.
/// </summary>
internal sealed class TeamExample : IAsyncDisposable
{
    private const string Folder = "deploy/team";
    private const string ReadyLine = "Application started.";

    private readonly TemporaryDirectory _files = new();
    private readonly List<ServiceProcess> _processes = [];
    private readonly Dictionary<string, int> _ports;
    private readonly ComposeFile _compose = new($"{Folder}/compose.yaml");
    private readonly EnvironmentFile _environment;
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
    private RedisServer? _redis;
    private ServiceProcess? _nginx;

    private TeamExample()
    {
        _ports = TeamProxy.Names.Zip(FreePorts.Take(TeamProxy.Names.Count)).ToDictionary(pair => pair.First, pair => pair.Second);
        var provider = Provider.Settings.ToDictionary(setting => setting.Name.Split("__")[^1], setting => setting.Value!);
        Secrets = [provider["ClientSecret"], _password];
        File.WriteAllText(_files.File("oidc"), provider["ClientSecret"] + "\n");
        _environment = new EnvironmentFile($"{Folder}/.env.example", new Dictionary<string, string>
        {
            ["PUBLIC_HOST"] = "localhost",
            ["OIDC_AUTHORITY"] = provider["Authority"],
            ["OIDC_CLIENT_ID"] = provider["ClientId"],
            ["OIDC_ROLE_CLAIM"] = provider["RoleClaim"],
            ["REDIS_PASSWORD"] = _password,
        });
    }

    public NodeProvider Provider { get; } = new();

    /// <summary>Where people find it.</summary>
    public Uri Address => new($"https://localhost:{_ports["https"]}");

    /// <summary>Where people find it who forget the s.</summary>
    public Uri PlainAddress => new($"http://localhost:{_ports["http"]}");

    /// <summary>What all processes wrote.</summary>
    public string Output => string.Join('\n', _processes.Append(_nginx!).Select(process => process.Output));

    /// <summary>What none of them may write.</summary>
    public IReadOnlyList<string> Secrets { get; }

    public ServiceProcess FirstApi { get; private set; } = null!;

    public static async Task<TeamExample> StartAsync()
    {
        var example = new TeamExample();
        try
        {
            await example.StartAllAsync();
            return example;
        }
        catch
        {
            await example.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await Nginx.StopAsync(_nginx);
        }

        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Provider.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _files.Dispose();
    }

    private async Task StartAllAsync()
    {
        var command = _compose.List("redis", "command").Select(_environment.Interpolate).ToArray();
        Assert.Equal("redis-server", command[0]);
        var provider = Provider.StartAsync(Address);
        _redis = await RedisServer.StartAsync(command[1..]);
        FirstApi = Start("AgentStream.Api", "api-1");
        Start("AgentStream.Api", "api-2");
        Start("AgentStream.Web", "web");
        var replicas = (string)ComposeFile.Map(_compose.Service("worker")["deploy"])["replicas"];
        for (var number = int.Parse(replicas, CultureInfo.InvariantCulture); number > 0; number--)
        {
            Start("AgentStream.Worker", "worker");
        }

        await Task.WhenAll([provider, .. _processes.Select(process => process.WaitUntilReadyAsync())]);
        _nginx = await TeamProxy.StartAsync(_files, _ports);
    }

    private ServiceProcess Start(string project, string service)
    {
        var environment = _compose.EnvironmentOf(service)
            .ToDictionary(pair => pair.Key, pair => (string?)OnThisMachine(_environment.Interpolate(pair.Value)));
        environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_ports.GetValueOrDefault(service)}";
        // The images' one directory to write to.
        environment["AgentStream__DataDirectory"] = _files.File("data");
        var process = ServiceProcess.Start(project, ReadyLine, environment);
        _processes.Add(process);
        return process;
    }

    // Names and files as they are inside of the containers.
    private string OnThisMachine(string value) => value == "proxy"
        ? "127.0.0.1"
        : value.Replace("redis:6379", _redis!.AdminConnectionString, StringComparison.Ordinal)
            .Replace("/run/secrets/", $"{_files.Path}/", StringComparison.Ordinal)
            .Replace("http://proxy:8000", $"http://127.0.0.1:{_ports["inside"]}", StringComparison.Ordinal)
            .Replace("172.30.94.0/24", "127.0.0.1", StringComparison.Ordinal);
}
