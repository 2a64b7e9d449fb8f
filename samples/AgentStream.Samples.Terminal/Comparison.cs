using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Client;
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
    public static async Task<int> RunAsync(AgentStreamClient client, Arguments arguments, IAnsiConsole console)
    {
        var waiting = await WaitAsync(arguments);
        var streaming = await StreamAsync(client.Session($"{arguments.Session}-stream"), arguments);
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

    private static async Task<Measurement> StreamAsync(AgentSession session, Arguments arguments)
    {
        await using var connection = session.Connect();
        var watch = new Stopwatch();
        TimeSpan? first = null;
        await foreach (var happened in connection.ReadAllAsync())
        {
            switch (happened)
            {
                case SnapshotReceived { Reason: null }:
                    // The clock starts with the question, not with the connection.
                    watch.Start();
                    await connection.SendAsync(arguments.Question!, arguments.Options);
                    break;
                case SnapshotReceived:
                    throw new AgentStreamException(
                        "resync", "The server had to start over with a snapshot: what was measured so far means nothing.");
                case StepDelta:
                    first ??= watch.Elapsed;
                    break;
                case RequestRefused refused:
                    throw new AgentStreamException(refused.Code, refused.Message);
                case RunFinished end:
                    return new Measurement(
                        "streaming", first ?? watch.Elapsed, watch.Elapsed, end.Usage?.OutputTokens ?? 0, Screen.WordOf(end.Status));
                default:
                    break;
            }
        }

        throw new UnreachableException("Reading has no end.");
    }

    /// <summary>The classic way, over HTTP: one request, and one answer when all is done.</summary>
    private static async Task<Measurement> WaitAsync(Arguments arguments)
    {
        using var http = new HttpClient { BaseAddress = arguments.Url, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            // Also here without the making of the connection.
            await http.GetAsync(new Uri("/alive", UriKind.Relative));
            var watch = Stopwatch.StartNew();
            using var response = await http.PostAsJsonAsync(
                $"/api/sessions/{arguments.Session}-wait/messages?wait=true",
                new { message = arguments.Question, agent_name = arguments.Agent, enable_reasoning = arguments.Reasoning });
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            if (!response.IsSuccessStatusCode)
            {
                throw new AgentStreamException(
                    "refused",
                    answer.TryGetProperty("detail", out var detail)
                        ? detail.GetString()!
                        : $"The server answered {(int)response.StatusCode}.");
            }

            // Nothing can be read before everything is there.
            var tokens = answer.TryGetProperty("usage", out var usage) ? usage.GetProperty("output_tokens").GetDouble() : 0;
            return new Measurement("waiting", watch.Elapsed, watch.Elapsed, tokens, answer.GetProperty("status").GetString()!);
        }
        catch (HttpRequestException exception)
        {
            throw new AgentStreamException(
                AgentStreamException.Unreachable, $"There is no AgentStream at {arguments.Url}.", exception);
        }
    }
}
