using System.Globalization;

namespace AgentStream.Tests.Support.Processes;

/// <summary>A primary with two replicas, and three Sentinels that watch them: what docs/redis.md recommends.</summary>
internal sealed class RedisSentinels : IAsyncDisposable
{
    public const string Service = "agentstream";
    private const int Sentinels = 3;

    /// <summary>The time after which Sentinel takes a primary for dead.</summary>
    public static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<RedisServer> _servers = [];
    private readonly List<ServiceProcess> _sentinels = [];
    private readonly int[] _ports = FreePorts.Take(Sentinels);

    private RedisSentinels()
    {
    }

    /// <summary>The first of them began as the primary.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary>For <c>ConnectionStrings:redis</c>.</summary>
    public string ConnectionString
        => $"{string.Join(',', _ports.Select(port => $"127.0.0.1:{port}"))},serviceName={Service},{RedisAcl.Credentials}";

    public static async Task<RedisSentinels> StartAsync()
    {
        var all = new RedisSentinels();
        string[] options = ["--appendonly", "no", "--repl-diskless-sync-delay", "0", "--min-replicas-to-write", "1"];
        all._servers.Add(await RedisServer.StartAsync(options));
        var primary = all._servers[0].Port.ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < 2; i++)
        {
            all._servers.Add(await RedisServer.StartAsync([.. options, "--replicaof", $"127.0.0.1 {primary}"]));
        }

        await WaitAsync(async () => (await all._servers[0].AskAsync("INFO", "replication"))
            .Split("state=online", StringSplitOptions.None).Length == 3);
        for (var i = 0; i < Sentinels; i++)
        {
            all.StartSentinel(i);
        }

        await all.WaitUntilKnownAsync();
        return all;
    }

    /// <summary>As an operator does it, before a primary's machine is taken down.</summary>
    public async Task FailOverAsync()
        => Assert.Contains("OK", await AskAsync(0, "SENTINEL", "FAILOVER", Service), StringComparison.Ordinal);

    /// <summary>The port of the primary, as the Sentinels have it.</summary>
    public async Task<int> PrimaryAsync()
    {
        var answer = await AskAsync(0, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service);
        return int.Parse(answer.Split("\r\n")[4], CultureInfo.InvariantCulture);
    }

    public async Task<RedisServer> PrimaryServerAsync()
    {
        var port = await PrimaryAsync();
        return _servers.Single(server => server.Port == port);
    }

    public Task WaitForAnotherPrimaryAsync(int former) => WaitAsync(async () => await PrimaryAsync() != former);

    public async ValueTask DisposeAsync()
    {
        foreach (var sentinel in _sentinels)
        {
            await sentinel.DisposeAsync();
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _directory.Dispose();
    }

    private void StartSentinel(int index)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_directory.Path, index.ToString(CultureInfo.InvariantCulture))).FullName;
        var file = Path.Combine(folder, "sentinel.conf");
        File.WriteAllLines(
            file,
            [
                string.Create(CultureInfo.InvariantCulture, $"port {_ports[index]}"),
                "bind 127.0.0.1",
                $"dir {folder}",
                string.Create(CultureInfo.InvariantCulture, $"sentinel monitor {Service} 127.0.0.1 {_servers[0].Port} 2"),
                string.Create(CultureInfo.InvariantCulture, $"sentinel down-after-milliseconds {Service} {DownAfter.TotalMilliseconds}"),
                $"sentinel failover-timeout {Service} 5000",
                $"sentinel parallel-syncs {Service} 2",
            ]);
        _sentinels.Add(ServiceProcess.StartProgram(RedisServer.Executable!, "+monitor", [], file, "--sentinel"));
    }

    private async Task WaitUntilKnownAsync()
    {
        foreach (var index in Enumerable.Range(0, Sentinels))
        {
            await _sentinels[index].WaitUntilReadyAsync();
            await WaitAsync(async () =>
            {
                var master = await AskAsync(index, "SENTINEL", "MASTER", Service);
                return (Field(master, "num-slaves"), Field(master, "num-other-sentinels"), Field(master, "flags")) == ("2", "2", "master");
            });
        }
    }

    private Task<string> AskAsync(int sentinel, params string[] command) => RedisServer.AskAsync(_ports[sentinel], [command]);

    private static string? Field(string reply, string name)
    {
        var lines = reply.Split("\r\n");
        var at = Array.IndexOf(lines, name);
        return at < 0 ? null : lines[at + 2];
    }

    private static async Task WaitAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            await pause.WaitForNextTickAsync(patience.Token);
        }
    }
}
