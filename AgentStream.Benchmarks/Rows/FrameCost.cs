using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P2: what a frame costs the process that holds the sockets, where there is nothing to merge.</summary>
internal sealed class FrameCost() : Row("P2", "50 tokens a second to 1,000 viewers, nothing to merge")
{
    private const int Viewers = 1_000;
    private const int Rate = 50;
    private const double Seconds = 8;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var ours = await CostAsync(await arena.OursAsync(cancellationToken), cancellationToken);
        Add(ours, "server CPU per frame", null, unit: "µs");
        Add(ours / await CostAsync(await arena.WsAsync(cancellationToken), cancellationToken), "server CPU per frame : ws + Redis", 1.0);
        Add(ours / await CostAsync(
            await arena.SocketIOAsync(cancellationToken), cancellationToken), "server CPU per frame : socket.io + Redis", 0.5);
        if (arena.HasBaseline)
        {
            Add(ours / await CostAsync(
                await arena.BaselineAsync(cancellationToken), cancellationToken), "server CPU per frame : the build before", 0.5);
        }
    }

    private async Task<double> CostAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using (contender)
        {
            await StreamAsync(contender, Viewers, Rate, 8, cancellationToken);
            return (await StreamAsync(contender, Viewers, Rate, Seconds, cancellationToken)).ServerCpuMicrosecondsPerFrame;
        }
    }
}
