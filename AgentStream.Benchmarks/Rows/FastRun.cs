using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P5: a model that is faster than anybody reads, for a minute.</summary>
internal sealed class FastRun() : Row("P5", "3,000 tokens a second for 60 s, one viewer")
{
    private const int Rate = 3_000;
    private const double Seconds = 60;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);
        await StreamAsync(ours, 1, Rate, 8, cancellationToken);
        var stream = await StreamAsync(ours, 1, Rate, Seconds, cancellationToken);
        Add(stream.P50, "p50", 12, unit: "ms");
        Add(stream.P99, "p99", 25, unit: "ms");
        Add(stream.Frames / Seconds, "writes a second", 100, unit: "a second");
        Add((double)stream.Tokens / stream.Expected, "share of tokens delivered", 1, atLeast: true);
    }
}
