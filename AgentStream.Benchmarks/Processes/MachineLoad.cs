using System.Diagnostics;
using System.Globalization;

namespace AgentStream.Benchmarks.Processes;

/// <summary>The share of the machine's processors that was busy with others' work while something was measured.</summary>
internal sealed class MachineLoad
{
    private readonly double _busy = BusySeconds();
    private readonly long _since = Stopwatch.GetTimestamp();

    /// <summary>The share of all processors that others used since this was made: 0 (nobody) to 1.</summary>
    /// <param name="own">CPU time of what was measured, load client included.</param>
    public double OthersShare(TimeSpan own)
    {
        var capacity = Stopwatch.GetElapsedTime(_since).TotalSeconds * Environment.ProcessorCount;
        return Math.Clamp((BusySeconds() - _busy - own.TotalSeconds) / capacity, 0, 1);
    }

    // user, nice, system, irq, softirq and steal, in hundredths of a second.
    private static double BusySeconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] busy = [1, 2, 3, 6, 7, 8];
        return busy.Sum(field => long.Parse(fields[field], CultureInfo.InvariantCulture)) / 100.0;
    }
}
