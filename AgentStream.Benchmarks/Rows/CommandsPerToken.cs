using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P6 and P12: what a token costs in commands of Redis, those inside of scripts included, and in bytes on the way to a client.
/// </summary>
internal sealed class CommandsPerToken() : Row("P6", "commands of Redis and bytes per token")
{
    private const int Readers = 50;
    private static readonly (int Rate, double Goal)[] Paces = [(50, 5.5), (500, 0.45), (3_000, 0.1)];

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);
        await StreamAsync(ours, 1, 500, 8, cancellationToken);
        foreach (var (rate, goal) in Paces)
        {
            var one = await StreamAsync(ours, 1, rate, 6, cancellationToken);
            var fifty = await StreamAsync(ours, Readers, rate, 6, cancellationToken);
            Add((double)one.Commands / one.Expected, $"commands per token at {rate:N0} a second", goal, unit: "commands");
            Add((double)fifty.Commands / one.Commands, $"commands with 50 viewers : with one, at {rate:N0} a second", 1.05);
            if (rate == 50)
            {
                var calls = await ours.Redis!.CallsAsync(() => StreamAsync(ours, Readers, rate, 6, cancellationToken), cancellationToken);
                var resumable = await ResumableStreamAsync(arena, rate, cancellationToken);
                Add((double)calls / one.Expected, "calls per token with 50 viewers", null, unit: "calls");
                Add((double)calls / one.Expected / resumable, "calls per token with 50 viewers : resumable-stream", 0.02);
            }

            Add((one.Bytes - (one.Tokens * Load.Stamp.Length))
                / (double)one.Tokens, $"P12 bytes around a token at {rate:N0} a second", rate < 500 ? 60 : 10, unit: "bytes");
        }
    }

    // Its commands for each token, where one process writes a stream and all readers follow it.
    private static async Task<double> ResumableStreamAsync(Arena arena, int rate, CancellationToken cancellationToken)
    {
        var tokens = rate * 6;
        await using var redis = await RedisProcess.StartAsync(cancellationToken);
        var before = await redis.CommandsAsync(cancellationToken);
        await using var process = await MeasuredProcess.StartAsync(
            "resumable-stream",
            "node",
            [
                arena.Script("follow-resumable.mjs"), $"{redis.Port}", arena.Model.Address, StampedModel.Message(rate, tokens),
                $"{Readers}",
            ],
            $"done {Readers}",
            [],
            cancellationToken);
        var commands = (double)(await redis.CommandsAsync(cancellationToken) - before) / tokens;
        Console.WriteLine($"  P6 resumable-stream: {commands:0.0} commands a token with {Readers} readers");
        return commands;
    }
}
