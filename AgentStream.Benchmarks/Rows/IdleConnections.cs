using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P9: memory and CPU of connections on which nothing happens, and what is left of them when they have gone.</summary>
internal sealed class IdleConnections() : Row("P9", "10,000 idle connections, each following a session")
{
    private const int Connections = 10_000;
    private const int PerSession = 10;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var ours = await CostAsync(await arena.OursAsync(cancellationToken), cancellationToken);
        Add(ours.Bytes / 1024, "memory of a connection", null, unit: "kB");
        Add(ours.CpuMicroseconds, "CPU of a connection", 3, unit: "µs a second");
        Add(ours.Kept, "memory kept when all have left : memory of all", 0.25);
        var signalR = await CostAsync(await arena.SignalRAsync(cancellationToken), cancellationToken);
        Add(ours.Bytes / signalR.Bytes, "memory of a connection : SignalR", 0.5);
        if (arena.HasBaseline)
        {
            var before = await CostAsync(await arena.BaselineAsync(cancellationToken), cancellationToken);
            Add(ours.Bytes / before.Bytes, "memory of a connection : the build before", 0.4);
        }
    }

    private static async Task<Cost> CostAsync(Contender contender, CancellationToken cancellationToken)
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
                await Task.Delay(Rest, cancellationToken);
                var cpu = contender.Server.Cpu;
                await Task.Delay(Rest, cancellationToken);
                var spent = (contender.Server.Cpu - cpu).TotalMicroseconds / Rest.TotalSeconds / Connections;
                var used = (double)(contender.Server.Memory - memory);
                sockets.ForEach(socket => socket.Dispose());
                await Task.Delay(Rest, cancellationToken);
                var kept = (contender.Server.Memory - memory) / used;
                Console.WriteLine(
                    $"  P9 {contender.Name,-18} {used / Connections / 1024:0.0} kB and {spent:0.00} µs a second for each of "
                    + $"{Connections} connections, {kept:P0} of the memory kept when they have left");
                return new Cost(used / Connections, spent, kept);
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

    private sealed record Cost(double Bytes, double CpuMicroseconds, double Kept);
}
