using System.Diagnostics;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Report;
using AgentStream.Benchmarks.Rows;
using AgentStream.Benchmarks.Rows.Access;
using AgentStream.Benchmarks.Rows.Clients;
using AgentStream.Benchmarks.Rows.Inside;

namespace AgentStream.Benchmarks;

/// <summary>All rows: ours and its peers in turn, repetition by repetition, so that a slow minute of the machine hits all alike.</summary>
internal static class SideBySide
{
    public static async Task MeasureAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        List<Row> rows =
        [
            new HighestRate(), new FrameCost(), new SingleRun(), new FastRun(), new CommandsPerToken(), new IdleConnections(),
            new StartOfRun(), new ManyRuns(), new AppendRate(), new ComingBack(), new Allocations(), new SecondServer(),
            new StandaloneStart(), new ComingAndGoing(), new AskingWhoCalls(),
            new ReadingClient(), new ReturningClient(),
        ];
        if (options.Only.FirstOrDefault(id => !rows.Exists(row => row.Id == id)) is { } unknown)
        {
            throw new ArgumentException($"There is no row {unknown}; there are {string.Join(", ", rows.Select(row => row.Id))}.");
        }

        List<string> order = [.. rows.Select(row => row.Id)];
        rows.RemoveAll(row => options.Only.Count > 0 ? !options.Only.Contains(row.Id) : row.IsLong);
        await Build.PublishAsync(cancellationToken);
        var scripts = await NodePackages.InstallAsync(cancellationToken);
        await using var model = await StampedModel.StartAsync();
        var arena = new Arena(scripts, options.Baseline, model);
        for (var repetition = 1; repetition <= options.Repetitions; repetition++)
        {
            foreach (var row in rows)
            {
                var began = Stopwatch.GetTimestamp();
                await row.RepeatAsync(arena, cancellationToken);
                Console.WriteLine(
                    $"{row.Id} {row.Title}: {repetition} of {options.Repetitions}, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
            }

            // After each, so that a run that is broken off leaves what it has.
            List<RowFigures> measured = [.. rows.Select(row => row.Figures(repetition))];
            if (options.Write)
            {
                await WriteAsync(measured, order, cancellationToken);
            }

            if (repetition == options.Repetitions)
            {
                Console.WriteLine();
                Console.WriteLine(PerformancePage.Table(measured));
            }
        }
    }

    private static async Task WriteAsync(
        IReadOnlyList<RowFigures> measured, IReadOnlyList<string> order, CancellationToken cancellationToken)
    {
        var docs = Path.Combine(Build.Solution, "docs");
        var all = await FiguresFile.MergeAsync(Path.Combine(docs, "performance.json"), measured, order, cancellationToken);
        await PerformancePage.WriteAsync(Path.Combine(docs, "performance.md"), PerformancePage.Table(all), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(docs, "images", "performance.svg"), RatioPicture.Draw(all), cancellationToken);
    }
}
