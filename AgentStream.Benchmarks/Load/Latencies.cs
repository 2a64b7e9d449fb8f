namespace AgentStream.Benchmarks.Load;

/// <summary>Counts of latencies, in steps of a tenth of a millisecond up to ten seconds. Many threads may add.</summary>
internal sealed class Latencies
{
    private const int Steps = 100_000;
    private readonly int[] _counts = new int[Steps + 1];

    /// <summary>Adds how long each token of a frame was under way.</summary>
    public void AddAges(ReadOnlySpan<byte> frame)
    {
        var now = Stamp.Microseconds();
        while (Stamp.TryNext(ref frame, out var sent))
        {
            Add(now - sent);
        }
    }

    private void Add(long microseconds) => Interlocked.Increment(ref _counts[Math.Clamp(microseconds / 100, 0, Steps)]);

    /// <summary>Gets the latency in milliseconds below which this share of all lie; NaN where there are none.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share)
    {
        long total = 0;
        foreach (var count in _counts)
        {
            total += count;
        }

        var wanted = (long)Math.Ceiling(total * share);
        long seen = 0;
        for (var step = 0; step <= Steps && total > 0; step++)
        {
            seen += _counts[step];
            if (seen >= wanted)
            {
                return (step + 1) / 10.0;
            }
        }

        return double.NaN;
    }
}
