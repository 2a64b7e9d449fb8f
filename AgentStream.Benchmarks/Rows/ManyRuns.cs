using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P7: many runs at once, on two servers and two workers.</summary>
internal sealed class ManyRuns() : Row("P7", "200 runs of 50 tokens a second, a viewer each, two servers")
{
    private const int Runs = 200;
    private const int Rate = 50;
    private const double Seconds = 8;

    // On full processors a runtime's compiler comes late: after 12 s it still took a third of a worker's time.
    private const double WarmUp = 40;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var ours = await OnceAsync(await arena.OursAsync(cancellationToken, servers: 2), cancellationToken);
        var socketIO = await OnceAsync(await arena.SocketIOAsync(cancellationToken, servers: 2), cancellationToken);
        Add(ours.CpuMicrosecondsPerToken / socketIO.CpuMicrosecondsPerToken, "CPU of all processes : socket.io + Redis", 0.5);
        Add(ours.P99 / socketIO.P99, "p99 : socket.io + Redis", 1.0);
        Add((double)ours.Tokens / ours.Expected, "share of tokens delivered", 1, atLeast: true);
    }

    private async Task<Stream> OnceAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using (contender)
        {
            await StreamsAsync(contender, Runs, 1, Rate, WarmUp, cancellationToken);
            return await StreamsAsync(contender, Runs, 1, Rate, Seconds, cancellationToken);
        }
    }
}
