using System.Globalization;

namespace AgentStream.Tests.Support.Processes;

/// <summary>Three redis-servers that share the slots of a cluster.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private const int Primaries = 3;
    private readonly List<RedisServer> _nodes = [];
    private readonly List<int> _buses = [];

    private RedisCluster()
    {
    }

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>For <c>ConnectionStrings:redis</c>: all nodes, as an operator writes it.</summary>
    public string ConnectionString => $"{string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Port}"))},{RedisAcl.Credentials}";

    /// <param name="options">Of each server, beyond those of a cluster.</param>
    public static Task<RedisCluster> StartAsync(params string[] options) => StartAsync(hasReplicas: false, options);

    /// <param name="hasReplicas">Whether each of the three has a replica, which takes its place.</param>
    /// <param name="options">Of each server, beyond those of a cluster.</param>
    public static async Task<RedisCluster> StartAsync(bool hasReplicas, params string[] options)
    {
        var cluster = new RedisCluster();
        foreach (var busPort in FreePorts.Take(hasReplicas ? 2 * Primaries : Primaries))
        {
            cluster._nodes.Add(
                await RedisServer.StartAsync(
                    ["--cluster-enabled", "yes", "--cluster-port", busPort.ToString(CultureInfo.InvariantCulture), .. options]));
            cluster._buses.Add(busPort);
        }

        await cluster.JoinAsync();
        return cluster;
    }

    /// <summary>The server that has a key, as long as none has taken another's place.</summary>
    public async Task<RedisServer> NodeOfAsync(string key)
    {
        var slot = int.Parse((await _nodes[0].AskAsync("CLUSTER", "KEYSLOT", key)).Split('\r')[0][1..], CultureInfo.InvariantCulture);
        return _nodes[Enumerable.Range(0, Primaries).Last(node => slot >= Slots * node / Primaries)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    // What redis-cli --cluster create does, without asking for that program.
    private async Task JoinAsync()
    {
        for (var i = 0; i < Primaries; i++)
        {
            var (first, end) = (Slots * i / Primaries, Slots * (i + 1) / Primaries);
            await _nodes[i].AskAsync([
                "CLUSTER", "ADDSLOTS", .. Enumerable.Range(first, end - first).Select(slot => slot.ToString(CultureInfo.InvariantCulture)),
            ]);
            await _nodes[i].AskAsync("CLUSTER", "SET-CONFIG-EPOCH", (i + 1).ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (node, bus) in _nodes.Zip(_buses).Skip(1))
        {
            await _nodes[0].AskAsync(
                "CLUSTER", "MEET", "127.0.0.1", node.Port.ToString(CultureInfo.InvariantCulture),
                bus.ToString(CultureInfo.InvariantCulture));
        }

        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        foreach (var node in _nodes)
        {
            while (!(await node.AskAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal)
                || !(await node.AskAsync("CLUSTER", "INFO")).Contains($"cluster_known_nodes:{_nodes.Count}", StringComparison.Ordinal))
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }
        }

        for (var replica = Primaries; replica < _nodes.Count; replica++)
        {
            var primary = (await _nodes[replica - Primaries].AskAsync("CLUSTER", "MYID")).Split("\r\n")[1];
            await _nodes[replica].AskAsync("CLUSTER", "REPLICATE", primary);
            while (!(await _nodes[replica].AskAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal))
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }
        }
    }
}
