using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P14: what a second API server brings, and what one costs that nobody watches.</summary>
internal sealed class SecondServer() : Row("P14", "one and two API servers, 1,000 viewers of one run")
{
    private const int Viewers = 1_000;
    private const int Rate = 50;
    private const double Seconds = 8;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var one = await DeliveriesAsync(await arena.OursAsync(cancellationToken), cancellationToken);
        await using var two = await arena.OursAsync(cancellationToken, servers: 2);
        await StreamAsync(two, Viewers, Rate, 8, cancellationToken);
        var both = await StreamAsync(two, Viewers, Rate, Seconds, cancellationToken);
        Add(both.Tokens / both.ServerCpu.TotalSeconds / one, "deliveries per CPU second of the servers, two : one", 0.9, atLeast: true);

        // A single viewer takes the first server; what the other spends beyond what it spends on nothing is what it receives in vain.
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        var before = two.Servers[1].Cpu;
        await Task.Delay(TimeSpan.FromSeconds(Seconds), cancellationToken);
        var idle = two.Servers[1].Cpu - before;
        before = two.Servers[1].Cpu;
        var alone = await StreamAsync(two, 1, 500, Seconds, cancellationToken);
        var received = two.Servers[1].Cpu - before - idle;
        Add(received / alone.ServerCpu, "CPU that a run costs the server without a viewer, as a share of both", 0.05, unit: "of 1");
    }

    private async Task<double> DeliveriesAsync(Contender contender, CancellationToken cancellationToken)
    {
        await using (contender)
        {
            await StreamAsync(contender, Viewers, Rate, 8, cancellationToken);
            var stream = await StreamAsync(contender, Viewers, Rate, Seconds, cancellationToken);
            return stream.Tokens / stream.ServerCpu.TotalSeconds;
        }
    }
}
