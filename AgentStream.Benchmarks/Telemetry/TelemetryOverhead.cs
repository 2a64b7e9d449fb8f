using System.Globalization;

namespace AgentStream.Benchmarks.Telemetry;

/// <summary>
/// Measures what telemetry costs: the same load on Standalone without exporting, with exporting to a sink,
/// and without again, a fresh process each.
/// </summary>
internal static class TelemetryOverhead
{
    // The compiler and the caches settle first.
    private const int WarmUpMessages = 30;

    public static async Task MeasureAsync(TelemetryOptions options, CancellationToken cancellationToken)
    {
        Console.WriteLine(
            $"{options.Sessions} clients, {options.Messages} messages each, answers of {options.Words} chunks and one tool call; "
                + $"{Environment.ProcessorCount} processors, {options.Rounds} rounds");
        await using var sink = await TelemetrySink.StartAsync();
        List<(Measurement Before, Measurement With, Measurement After)> rounds = [];
        for (var round = 1; round <= options.Rounds; round++)
        {
            var before = await OnceAsync("without", null, options, cancellationToken);
            var with = await OnceAsync("with", sink.Address, options, cancellationToken);
            var after = await OnceAsync("without", null, options, cancellationToken);
            rounds.Add((before, with, after));
        }

        if (sink.Bytes == 0)
        {
            throw new InvalidOperationException("Nothing was exported: there is nothing to compare.");
        }

        Console.WriteLine(
            $"exported: {sink.Bytes / (double)(options.Rounds * options.Sessions * (options.Messages + WarmUpMessages)):0} bytes a run");
        Say("CPU ms a run, without", rounds.SelectMany(round => new[] { round.Before, round.After })
            .Select(one => one.CpuMillisecondsPerRun));
        Say("CPU ms a run, with", rounds.Select(round => round.With.CpuMillisecondsPerRun));
        Say("CPU, with / without", rounds.Select(
            round => 2 * round.With.CpuMillisecondsPerRun / (round.Before.CpuMillisecondsPerRun + round.After.CpuMillisecondsPerRun)));
        Say("CPU, without / without (noise)", rounds.Select(
            round => round.After.CpuMillisecondsPerRun / round.Before.CpuMillisecondsPerRun));
        Say("runs/s, with / without", rounds.Select(
            round => 2 * round.With.RunsPerSecond / (round.Before.RunsPerSecond + round.After.RunsPerSecond)));
    }

    private static async Task<Measurement> OnceAsync(
        string name, string? telemetry, TelemetryOptions options, CancellationToken cancellationToken)
    {
        await using var service = await ServiceUnderLoad.StartAsync(
            ChatLoad.Plan(options.Words), options.Sessions, telemetry, cancellationToken);
        var load = new ChatLoad(service, options.Sessions);
        await load.RunAsync(WarmUpMessages, cancellationToken);
        var measured = await load.RunAsync(options.Messages, cancellationToken);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-8} {measured.RunsPerSecond,8:0.0} runs/s {measured.CpuMillisecondsPerRun,8:0.00} CPU ms a run"));
        return measured;
    }

    private static void Say(string what, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-32} min {sorted[0]:0.00}  median {sorted[sorted.Count / 2]:0.00}  max {sorted[^1]:0.00}"));
    }
}
