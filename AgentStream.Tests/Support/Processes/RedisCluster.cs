using System.Globalization;

namespace AgentStream.Tests.Support.Processes;

/// <summary>Three redis-servers that share the slots of a cluster.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private readonly List<RedisServer> _nodes = [];
    private readonly List<int> _buses = [];

    private RedisCluster()
    {
    }

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    /// <summary>For <c>ConnectionStrings:redis</c>: all nodes, as an operator writes it.</summary>
    public string ConnectionString => string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Port}"));

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        foreach (var busPort in FreePorts.Take(3))
        {
            cluster._nodes.Add(
                await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-port", busPort.ToString(CultureInfo.InvariantCulture)));
            cluster._buses.Add(busPort);
        }

        await cluster.JoinAsync();
        return cluster;
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
        for (var i = 0; i < _nodes.Count; i++)
        {
            var (first, end) = (Slots * i / _nodes.Count, Slots * (i + 1) / _nodes.Count);
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
    }
}
