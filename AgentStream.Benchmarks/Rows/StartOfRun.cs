using System.Globalization;
using System.Net.Http.Json;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows;

/// <summary>
/// P11: how soon a message's run begins, where everything is idle: from the click to the moment at which the worker begins it
/// (<c>run_started</c> says when that was), and for BullMQ from adding a job to its first line.
/// </summary>
internal sealed class StartOfRun() : Row("P11", "from a message to the worker's start, idle")
{
    private const int WarmUp = 20;
    private const int Messages = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        var (starts, ours) = await OursAsync(arena, cancellationToken);
        var peer = await BullMqAsync(arena, cancellationToken);
        Add(Median(starts) / Median(peer), "p50 : BullMQ", 0.7);
        Add(Median(ours), "first token, p50, added to asking the model directly", 5, unit: "ms");
        Add(ours[(int)(ours.Count * 0.99)], "first token, p99, added to asking the model directly", 15, unit: "ms");
        Console.WriteLine(
            $"  P11 AgentStream start p50 {Median(starts):0.0} ms, first token p50 {Median(ours):0.0} ms "
            + $"p99 {ours[(int)(ours.Count * 0.99)]:0.0} ms, BullMQ p50 {Median(peer):0.0} ms");
    }

    private static double Median(List<double> sorted) => sorted[sorted.Count / 2];

    // The message goes out, the worker begins, and the model is asked.
    // Then the first token comes back; less what the model itself takes for that when it is asked directly.
    private static async Task<(List<double> Starts, List<double> FirstTokens)> OursAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var contender = await arena.OursAsync(cancellationToken);
        List<double> direct = [];
        List<double> starts = [];
        List<double> through = [];
        using var http = new HttpClient();
        for (var number = 0; number < WarmUp + Messages; number++)
        {
            var asked = Stamp.Microseconds();
            using var request = new HttpRequestMessage(HttpMethod.Post, arena.Model.Address + "/chat/completions")
            {
                Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = StampedModel.Message(1_000, 1) } } }),
            };
            using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await using var stream = await reply.Content.ReadAsStreamAsync(cancellationToken);
            await stream.ReadExactlyAsync(new byte[1], cancellationToken);
            var answered = Stamp.Microseconds();

            var session = $"start-{number}";
            var tally = new Tally();
            var watch = new StartViewer(session);
            using var viewer = new ViewerSocket(watch, tally);
            await viewer.JoinAsync(contender.Ports[0], cancellationToken);
            var sent = Stamp.Microseconds();
            var clicked = StartViewer.Now();
            await contender.StreamAsync([session], 1_000, 1, cancellationToken);
            while (tally.Tokens == 0)
            {
                await Task.Delay(1, cancellationToken);
            }

            if (number >= WarmUp)
            {
                direct.Add((answered - asked) / 1000.0);
                starts.Add((watch.StartedAt - clicked) / 1000.0);
                through.Add((tally.FirstAt - sent) / 1000.0);
            }

            await Task.Delay(Pause, cancellationToken);
        }

        direct.Sort();
        starts.Sort();
        return (starts, [.. through.Select(time => time - Median(direct)).Order()]);
    }

    private static async Task<List<double>> BullMqAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var redis = await RedisProcess.StartAsync(cancellationToken);
        var script = arena.Script("jobs-bullmq.mjs");
        await using var worker = await MeasuredProcess.StartAsync(
            "bullmq worker", "node", [script, $"{redis.Port}", "worker"], "ready", [], cancellationToken);
        await using var producer = await MeasuredProcess.StartAsync(
            "bullmq producer", "node", [script, $"{redis.Port}", "producer", $"{WarmUp + Messages}"], "ready", [], cancellationToken);
        await producer.WaitForExitAsync(cancellationToken);
        return
        [
            .. worker.Lines.Where(line => line.StartsWith("started ", StringComparison.Ordinal)).Skip(WarmUp)
                .Select(line => double.Parse(line["started ".Length..], CultureInfo.InvariantCulture) / 1000).Order(),
        ];
    }
}
