using System.Globalization;
using AgentStream.Benchmarks.Inside;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows.Inside;

/// <summary>P8: how many appends a second one worker's process brings to Redis, where its runs wait for nothing else.</summary>
internal sealed class AppendRate() : Row("P8", "appends a second of one worker process, 64 runs")
{
    private const int Runs = 64;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var ours = await OfWorkerAsync("AgentStream", Build.Solution, cancellationToken);
        var plain = await MeasureAsync(
            "plain client",
            port => [typeof(AppendRate).Assembly.Location, "peer-appends", $"{port}", $"{Runs}"],
            _ => [],
            cancellationToken);
        Add(ours, "appends a second", null, unit: "a second");
        Add(ours / plain, "appends a second : a client that only calls the script", 0.7, atLeast: true);
        if (arena.Baseline is { } baseline)
        {
            Add(
                ours / await OfWorkerAsync("the build before", baseline, cancellationToken), "appends a second : the build before", 3,
                atLeast: true);
        }
    }

    private Task<double> OfWorkerAsync(string name, string solution, CancellationToken cancellationToken)
        => MeasureAsync(
            name,
            _ => [Build.PathOf(solution, "AgentStream.Worker")],
            port => Hook.Settings(Hook.Appends, AppendLoad.Redis, $"127.0.0.1:{port}", Runs),
            cancellationToken);

    private async Task<double> MeasureAsync(
        string name,
        Func<int, IEnumerable<string>> arguments,
        Func<int, IEnumerable<KeyValuePair<string, string>>> settings,
        CancellationToken cancellationToken)
    {
        var load = new MachineLoad();
        await using var redis = await RedisProcess.StartAsync(cancellationToken);
        await using var process = await MeasuredProcess.StartAsync(
            name, "dotnet", arguments(redis.Port), AppendLoad.Ready, settings(redis.Port), cancellationToken);
        var line = process.Lines.First(line => line.StartsWith(AppendLoad.Ready, StringComparison.Ordinal));
        var (cpu, store) = (process.Cpu, redis.Process.Cpu);
        var others = load.OthersShare(cpu + store);
        NoteOthers(others);
        Console.WriteLine(
            $"  P8 {name}: {line}; CPU {cpu.TotalSeconds:0.0} s, Redis {store.TotalSeconds:0.0} s, others {others:P0}");
        return double.Parse(line[AppendLoad.Ready.Length..], CultureInfo.InvariantCulture);
    }
}
