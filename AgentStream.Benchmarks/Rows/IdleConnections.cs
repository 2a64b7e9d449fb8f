using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P9: memory and CPU of connections on which nothing happens.</summary>
internal sealed class IdleConnections() : Row("P9", "10,000 idle connections, each following a session")
{
    private const int Connections = 10_000;
    private const int PerSession = 10;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var (memory, cpu) = await CostAsync(await arena.OursAsync(cancellationToken), cancellationToken);
        Add(memory / 1024, "memory of a connection", null, unit: "kB");
        Add(cpu, "CPU of a connection", 3, unit: "µs a second");
        var (signalR, _) = await CostAsync(await arena.SignalRAsync(cancellationToken), cancellationToken);
        Add(memory / signalR, "memory of a connection : SignalR", 0.5);
        if (arena.HasBaseline)
        {
            var (before, _) = await CostAsync(await arena.BaselineAsync(cancellationToken), cancellationToken);
            Add(memory / before, "memory of a connection : the build before", 0.4);
        }
    }

    private static async Task<(double Bytes, double CpuMicroseconds)> CostAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using (contender)
        {
            var tally = new Tally();
            List<ViewerSocket> sockets = [];
            try
            {
                await ConnectAsync(100, "warm");
                var memory = contender.Server.Memory;
                await ConnectAsync(Connections, "idle");
                var cpu = contender.Server.Cpu;
                await Task.Delay(Rest, cancellationToken);
                var spent = (contender.Server.Cpu - cpu).TotalMicroseconds / Rest.TotalSeconds / Connections;
                var bytes = (double)(contender.Server.Memory - memory) / Connections;
                Console.WriteLine(
                    $"  P9 {contender.Name,-18} {bytes / 1024:0.0} kB and {spent:0.00} µs a second for each of {Connections} connections");
                return (bytes, spent);
            }
            finally
            {
                sockets.ForEach(socket => socket.Dispose());
            }

            async Task ConnectAsync(int count, string name)
            {
                for (var number = 0; number < count; number++)
                {
                    sockets.Add(new ViewerSocket(contender.Viewer($"{name}-{number / PerSession}"), tally));
                    await sockets[^1].JoinAsync(contender.Ports[0], cancellationToken);
                }
            }
        }
    }
}
