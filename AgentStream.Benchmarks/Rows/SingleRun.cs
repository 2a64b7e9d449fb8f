using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P4: one run as a person has it, 50 tokens a second and one viewer: how late its tokens are,
/// and what all processes together spend on them.
/// </summary>
internal sealed class SingleRun() : Row("P4", "50 tokens a second, one viewer")
{
    private const int Rate = 50;
    private const double Seconds = 10;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var ours = await OnceAsync(await arena.OursAsync(cancellationToken), cancellationToken);
        var ws = await OnceAsync(await arena.WsAsync(cancellationToken), cancellationToken);
        Add(ours.P50 / ws.P50, "p50 : ws + Redis", 1.0);
        Add(ours.P99 / ws.P99, "p99 : ws + Redis", 1.2);
        Add(ours.Cpu / ws.Cpu, "CPU of all processes : ws + Redis", null);
        Add(ours.CpuMicrosecondsPerToken, "CPU of all processes per token", null, unit: "µs");
        if (arena.HasBaseline)
        {
            var before = await OnceAsync(await arena.BaselineAsync(cancellationToken), cancellationToken);
            Add(ours.Cpu / before.Cpu, "CPU of all processes : the build before", 0.25);
        }
    }

    private async Task<Stream> OnceAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using (contender)
        {
            await StreamAsync(contender, 1, Rate, 10, cancellationToken);
            return await StreamAsync(contender, 1, Rate, Seconds, cancellationToken);
        }
    }
}
