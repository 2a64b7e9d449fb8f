using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P6 and P12: what a token costs in commands of Redis, those inside of scripts included, and in bytes on the way to a client.
/// </summary>
internal sealed class CommandsPerToken() : Row("P6", "commands of Redis and bytes per token")
{
    private static readonly (int Rate, double Goal)[] Paces = [(50, 5.5), (500, 0.45), (3_000, 0.1)];

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);
        await StreamAsync(ours, 1, 50, 1, cancellationToken);
        foreach (var (rate, goal) in Paces)
        {
            var one = await StreamAsync(ours, 1, rate, 6, cancellationToken);
            var fifty = await StreamAsync(ours, 50, rate, 6, cancellationToken);
            Add((double)one.Commands / one.Expected, $"commands per token at {rate:N0} a second", goal, unit: "commands");
            Add((double)fifty.Commands / one.Commands, $"commands with 50 viewers : with one, at {rate:N0} a second", 1.05);
            Add((one.Bytes - (one.Tokens * Load.Stamp.Length))
                / (double)one.Tokens, $"P12 bytes around a token at {rate:N0} a second", rate < 500 ? 60 : 10, unit: "bytes");
        }
    }
}
