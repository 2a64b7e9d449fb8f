using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows.Inside;

/// <summary>P13: what a server allocates for one more viewer and frame, where a thousand keep up.</summary>
internal sealed class Allocations() : Row("P13", "50 tokens a second to 1 and to 1,000 viewers, bytes allocated by the server")
{
    private const int Viewers = 1_000;
    private const int Rate = 50;
    private const double Seconds = 8;

    // Less than a tenth of the smallest object there is: nothing that is done for each frame makes one.
    private const double Goal = 2.4;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken, isProbed: true);
        await StreamAsync(ours, Viewers, Rate, 8, cancellationToken);
        var one = await StreamAsync(ours, 1, Rate, Seconds, cancellationToken);
        var all = await StreamAsync(ours, Viewers, Rate, Seconds, cancellationToken);
        var each = (double)(all.Allocated - one.Allocated) / (all.Frames - one.Frames);
        Console.WriteLine($"  P13 with one viewer {one.Allocated / one.Frames:N0} bytes a frame, {each:0.00} for each further viewer");
        Add((double)one.Allocated / one.Frames, "bytes a frame with one viewer", null, unit: "bytes");
        Add(each, "bytes for each further viewer and frame", Goal, unit: "bytes");
    }
}
