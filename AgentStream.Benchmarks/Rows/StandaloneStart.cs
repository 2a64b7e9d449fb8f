using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P16: how long Standalone takes to start, with nothing and with ten thousand sessions.</summary>
internal sealed class StandaloneStart() : Row("P16", "start of Standalone with 10,000 sessions")
{
    private const int Sessions = 10_000;

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
            Add(Median(filled) / Median(empty), "with 10,000 sessions : empty", 1.2);
        }
        finally
        {
            data.Delete(recursive: true);
        }
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
