using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P15: people who come and go, for ten minutes: what is left of them. It is measured only where it is asked for, and once.
/// </summary>
internal sealed class ComingAndGoing() : Row("P15", "50 connects a second for ten minutes")
{
    private const int PerSecond = 50;
    private const int Stay = 100;
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    public override bool IsLong => true;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);
        var before = await LookAsync(ours, cancellationToken);
        (long Memory, int Handles, long Channels) settled = default;
        Queue<ViewerSocket> open = [];
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        var all = (int)(Lasts.TotalSeconds * PerSecond);
        for (var number = 0; number < all; number++)
        {
            await pace.WaitForNextTickAsync(cancellationToken);
            var socket = new ViewerSocket(ours.Viewer($"visit-{number % (2 * Stay)}"), new Tally());
            await socket.JoinAsync(ours.Ports[0], cancellationToken);
            open.Enqueue(socket);
            if (open.Count > Stay)
            {
                open.Dequeue().Dispose();
            }

            if (number == all / 5)
            {
                settled = await LookAsync(ours, cancellationToken);
            }
        }

        var late = await LookAsync(ours, cancellationToken);
        while (open.TryDequeue(out var socket))
        {
            socket.Dispose();
        }

        // Subscriptions are given back with the last viewer, a moment later.
        await Task.Delay(TimeSpan.FromSeconds(30), cancellationToken);
        var after = await LookAsync(ours, cancellationToken);
        Console.WriteLine($"  P15 before {before}, after two minutes {settled}, after ten {late}, when all had left {after}");
        Add((double)late.Memory / settled.Memory, "memory of the server after ten minutes : after two", 1.1);
        Add(late.Handles - settled.Handles, "handles more after ten minutes than after two", 10, unit: "handles");
        Add(after.Handles - before.Handles, "handles more when all have left than before", 10, unit: "handles");
        Add(after.Channels - before.Channels, "subscriptions more when all have left than before", 0, unit: "channels");
        Add((double)after.Memory / settled.Memory, "memory when all have left : after two minutes", 1.0);
    }

    private static async Task<(long Memory, int Handles, long Channels)> LookAsync(
        AgentStreamContender ours, CancellationToken cancellationToken)
        => (ours.Server.Memory, ours.Server.Handles, await ours.Redis.ChannelsAsync(cancellationToken));
}
