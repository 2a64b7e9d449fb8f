namespace AgentStream.Benchmarks.Telemetry;

/// <summary>The cost of a number of runs.</summary>
/// <param name="Runs">How many.</param>
/// <param name="Wall">By the clock.</param>
/// <param name="Cpu">Of the service's process alone, all threads.</param>
internal sealed record Measurement(int Runs, TimeSpan Wall, TimeSpan Cpu)
{
    public double RunsPerSecond => Runs / Wall.TotalSeconds;

    public double CpuMillisecondsPerRun => Cpu.TotalMilliseconds / Runs;
}
