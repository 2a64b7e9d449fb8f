using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Spectre.Console;

namespace AgentStream.Samples.Terminal;

/// <summary>The experience of one way of asking.</summary>
/// <param name="Way">How it was asked.</param>
/// <param name="FirstToken">Until there was something to read.</param>
/// <param name="Total">Until everything was there.</param>
/// <param name="Tokens">What the model wrote, as the server counted it.</param>
/// <param name="Status">How the run ended.</param>
internal sealed record Measurement(string Way, TimeSpan FirstToken, TimeSpan Total, double Tokens, string Status)
{
    public double TokensPerSecond => Total > TimeSpan.Zero ? Tokens / Total.TotalSeconds : 0;
}

/// <summary>Asks the same question twice, streaming and not, each in a session of its own.</summary>
internal static class Comparison
{
    public static async Task<int> RunAsync(Arguments arguments, IAnsiConsole console)
    {
        var waiting = await WaitAsync(arguments);
        var streaming = await StreamAsync(arguments);
        console.Write(TableOf([streaming, waiting]));
        return streaming.Status == "completed" && waiting.Status == "completed" ? 0 : 1;
    }

    public static Table TableOf(IEnumerable<Measurement> measurements)
    {
        var table = new Table().AddColumns("", "time to first token", "total time", "tokens", "tokens/s");
        foreach (var one in measurements)
        {
            table.AddRow(
                one.Status == "completed" ? one.Way : $"{one.Way} ({one.Status})",
                FormattableString.Invariant($"{one.FirstToken.TotalMilliseconds:0} ms"),
                FormattableString.Invariant($"{one.Total.TotalMilliseconds:0} ms"),
                FormattableString.Invariant($"{one.Tokens:0}"),
                FormattableString.Invariant($"{one.TokensPerSecond:0.0}"));
        }

        return table;
    }

    private static async Task<Measurement> StreamAsync(Arguments arguments)
    {
        await using var session = new SessionClient(arguments.Url, $"{arguments.Session}-stream", null, _ => { });
        // The clock starts with the question, not with the connection.
        while ((await session.ReadAsync(CancellationToken.None)).Type != "snapshot")
        {
        }

        var watch = Stopwatch.StartNew();
        TimeSpan? first = null;
        await session.ChatAsync(Outgoing.Message(arguments, arguments.Question!, Guid.NewGuid().ToString("N")));
        while (true)
        {
            var frame = await session.ReadAsync(CancellationToken.None);
            switch (frame.Type)
            {
                case "step_delta":
                    first ??= watch.Elapsed;
                    break;
                case "resync":
                    throw new SessionEndedException(
                        "The server had to start over with a snapshot: what was measured so far means nothing.");
                case "error":
                    throw new SessionEndedException(frame.Text("message") ?? "The question was refused.");
                case "run_finished":
                    return new Measurement("streaming", first ?? watch.Elapsed, watch.Elapsed, TokensOf(frame.Data), frame.Text("status")!);
                default:
                    break;
            }
        }
    }

    private static async Task<Measurement> WaitAsync(Arguments arguments)
    {
        using var http = new HttpClient { BaseAddress = arguments.Url, Timeout = Timeout.InfiniteTimeSpan };
        var message = Outgoing.Message(arguments, arguments.Question!, Guid.NewGuid().ToString("N"));
        try
        {
            // Also here without the making of the connection.
            await http.GetAsync(new Uri("/alive", UriKind.Relative));
            var watch = Stopwatch.StartNew();
            using var response = await http.PostAsJsonAsync($"/api/sessions/{arguments.Session}-wait/messages?wait=true", message);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            if (!response.IsSuccessStatusCode)
            {
                throw new SessionEndedException(Frame.TextOf(answer, "detail") ?? $"The server answered {(int)response.StatusCode}.");
            }

            // Nothing can be read before everything is there.
            return new Measurement("waiting", watch.Elapsed, watch.Elapsed, TokensOf(answer), Frame.TextOf(answer, "status")!);
        }
        catch (HttpRequestException)
        {
            throw new SessionEndedException($"There is no AgentStream at {arguments.Url}.");
        }
    }

    private static double TokensOf(JsonElement data)
        => data.TryGetProperty("usage", out var usage) ? Frame.NumberOf(usage, "output_tokens") ?? 0 : 0;
}
