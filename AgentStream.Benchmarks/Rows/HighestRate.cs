using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P1 and P3: how many tokens a second reach 1,000 viewers of one run with p99 at 50 ms at most, and what a token costs at that rate.
/// </summary>
internal sealed class HighestRate() : Row("P1", "one run, 1,000 viewers, p99 ≤ 50 ms")
{
    private const int Viewers = 1_000;
    private const double WarmUpSeconds = 6;
    private const double Seconds = 2.5;
    private const double LatencyBound = 50;
    private const int WarmUpRate = 50;
    private static readonly int[] Rates =
        [10, 25, 50, 75, 100, 150, 200, 400, 800, 1_600, 3_200, 4_800, 6_400, 9_600];

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var ours = await HighestAsync(await arena.OursAsync(cancellationToken), cancellationToken);
        var socketIO = await HighestAsync(await arena.SocketIOAsync(cancellationToken), cancellationToken);
        var sendLoop = await HighestAsync(await arena.SendLoopAsync(cancellationToken), cancellationToken);
        var nchan = await HighestAsync(await arena.NchanAsync(cancellationToken), cancellationToken);
        var nats = await HighestAsync(await arena.NatsAsync(cancellationToken), cancellationToken);
        Add(ours.Rate * Viewers, "tokens delivered a second", null, unit: "a second");
        Add((double)ours.Rate / socketIO.Rate, "tokens a second : socket.io + Redis", 10, atLeast: true);
        Add((double)ours.Rate / nchan.Rate, "tokens a second : nchan (memory)", 5, atLeast: true);
        Add((double)ours.Rate / sendLoop.Rate, "tokens a second : SendAsync loop", 2.5, atLeast: true);
        Add((double)ours.Rate / nats.Rate, "tokens a second : NATS (memory)", 1.0, atLeast: true);
        Add(ours.Cpu / sendLoop.Cpu, "P3 CPU per token at that rate : SendAsync loop", 0.25);
        Add(ours.Cpu / nats.Cpu, "P3 CPU per token at that rate : NATS (memory)", 0.65);
    }

    // Upwards in steps of about a half, until one fails; the last one that held is the answer.
    // One that fails is tried twice, since a machine hiccups.
    private async Task<(int Rate, double Cpu)> HighestAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using (contender)
        {
            await StreamAsync(contender, Viewers, WarmUpRate, WarmUpSeconds, cancellationToken);
            (int Rate, double Cpu) best = (Rates[0] / 2, double.NaN);
            foreach (var rate in Rates)
            {
                var stream = await StreamAsync(contender, Viewers, rate, Seconds, cancellationToken);
                if (!Holds(stream) && !Holds(stream = await StreamAsync(contender, Viewers, rate, Seconds, cancellationToken)))
                {
                    break;
                }

                best = (rate, stream.CpuMicrosecondsPerToken);
            }

            return best;
        }
    }

    private static bool Holds(Stream stream) => stream.IsWhole && stream.P99 <= LatencyBound;
}
