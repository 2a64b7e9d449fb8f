using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Benchmarks.Inside;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P16: how long Standalone takes to start, with nothing and with ten thousand sessions; how fast its store takes appends of many runs.
/// </summary>
internal sealed class StandaloneStart() : Row("P16", "Standalone: start with 10,000 sessions, appends of 64 runs with fsync")
{
    private const int Sessions = 10_000;
    private const int Runs = 64;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("agentstream-benchmark-standalone-");
        try
        {
            List<double> empty = [];
            for (var number = 0; number < 3; number++)
            {
                empty.Add(await StartAsync(arena, data.CreateSubdirectory($"empty-{number}"), null, cancellationToken));
            }

            var full = data.CreateSubdirectory("full");
            await StartAsync(arena, full, FillAsync, cancellationToken);
            List<double> filled = [];
            for (var number = 0; number < 3; number++)
            {
                filled.Add(await StartAsync(arena, full, CountAsync, cancellationToken));
            }

            Console.WriteLine($"  P16 empty {Median(empty):0.00} s, with {Sessions:N0} sessions {Median(filled):0.00} s");
            Add(Median(filled) / Median(empty), "start with 10,000 sessions : empty", 1.2);
            await AppendAsync(arena, data, cancellationToken);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    // In turn, since the disk of a machine is not always as fast.
    private async Task AppendAsync(Arena arena, DirectoryInfo data, CancellationToken cancellationToken)
    {
        List<double> ours = [], before = [];
        for (var number = 0; number < 3; number++)
        {
            ours.Add(await AppendAsync(Build.Solution, data.CreateSubdirectory($"ours-{number}"), cancellationToken));
            if (arena.Baseline is { } baseline)
            {
                before.Add(await AppendAsync(baseline, data.CreateSubdirectory($"before-{number}"), cancellationToken));
            }
        }

        Console.WriteLine($"  P16 appends a second: {Words(ours)}; the build before: {Words(before)}");
        Add(Median(ours), "appends of 64 runs", null, unit: "a second");
        if (before.Count > 0)
        {
            Add(Median(ours) / Median(before), "appends of 64 runs : the build before", 3, atLeast: true);
        }

        static string Words(List<double> rates) => string.Join(", ", rates.Select(rate => $"{rate:0}"));
    }

    private static async Task<double> AppendAsync(string solution, DirectoryInfo data, CancellationToken cancellationToken)
    {
        await using var load = await MeasuredProcess.StartAsync(
            "standalone",
            "dotnet",
            [Build.PathOf(solution, "AgentStream.Standalone")],
            AppendLoad.Ready,
            Hook.Settings(Hook.Appends, AppendLoad.Embedded, data.FullName, Runs),
            cancellationToken);
        var line = load.Lines.First(line => line.StartsWith(AppendLoad.Ready, StringComparison.Ordinal));
        return double.Parse(line[AppendLoad.Ready.Length..], CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<double> StartAsync(
        Arena arena, DirectoryInfo data, Func<HttpClient, CancellationToken, Task>? use, CancellationToken cancellationToken)
    {
        var port = FreePorts.Next();
        var began = Stopwatch.GetTimestamp();
        await using var process = await MeasuredProcess.StartAsync(
            "standalone",
            "dotnet",
            [Build.PathOf(Build.Solution, "AgentStream.Standalone")],
            "AgentStream runs",
            [
                new("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"),
                new("AgentStream__DataDirectory", data.FullName),
                new("OPENAI_API_KEY", "none"),
                new("OPENAI_API_BASE", arena.Model.Address),
                new("MODEL_NAME", "bench"),
            ],
            cancellationToken);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (use is not null)
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await use(http, cancellationToken);
        }

        return took;
    }

    private static Task FillAsync(HttpClient http, CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            Enumerable.Range(0, Sessions),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
            async (number, cancel) =>
            {
                var body = new { message = StampedModel.Message(10_000, 1), agent_name = "analyst" };
                using var answer = await http.PostAsJsonAsync($"/api/sessions/session-{number}/messages?wait=true", body, cancel);
                answer.EnsureSuccessStatusCode();
            });

    private static async Task CountAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var newest = await http.GetFromJsonAsync<JsonElement>("/api/sessions?limit=200", cancellationToken);
        if (newest.GetProperty("sessions").GetArrayLength() != 200 || !newest.TryGetProperty("next", out _))
        {
            throw new InvalidOperationException("Standalone has not kept its sessions.");
        }
    }
}
