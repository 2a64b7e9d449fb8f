using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows;

/// <summary>P10: all viewers of a long run lose their sockets and come back within a second.</summary>
internal sealed class ComingBack() : Row("P10", "1,000 viewers of a run of 5,000 tokens come back within a second")
{
    private const int Viewers = 1_000;
    private const int Rate = 500;
    private const double Seconds = 10;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(1);

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);
        await StreamAsync(ours, 50, Rate, Seconds, cancellationToken);
        await StreamAsync(ours, 1, Rate, Seconds, cancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ours.Ports[0]}") };
        var sessions = await http.GetFromJsonAsync<JsonElement>("/api/sessions?limit=1", cancellationToken);
        var session = sessions.GetProperty("sessions")[0].GetProperty("session_id").GetString()!;
        var head = await http.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}", cancellationToken);
        var last = head.GetProperty("last_seq").GetInt64();
        var epoch = head.GetProperty("epoch").GetString();

        foreach (var (name, cursor) in ((string, string)[])
            [("with a cursor", $"?after={last * 9 / 10}&epoch={epoch}"), ("from 0", $"?after=0&epoch={epoch}"), ("without a cursor", "")])
        {
            await ReturnAsync(name, new ReturningViewer(session, cursor, last), ours, cancellationToken);
        }
    }

    private async Task ReturnAsync(string name, ViewerProtocol viewer, AgentStreamContender ours, CancellationToken cancellationToken)
    {
        var reads = await ours.Redis.CommandsAsync(cancellationToken, "xrange", "xrevrange");
        var times = await Task.WhenAll(Enumerable.Range(0, Viewers).Select(async number =>
        {
            await Task.Delay(Within * number / Viewers, cancellationToken);
            var began = Stamp.Microseconds();
            using var socket = new ViewerSocket(viewer, new Tally());
            await socket.JoinAsync(ours.Ports[0], cancellationToken);
            return (Stamp.Microseconds() - began) / 1000.0;
        }));
        Array.Sort(times);
        reads = await ours.Redis.CommandsAsync(cancellationToken, "xrange", "xrevrange") - reads;
        Console.WriteLine($"  P10 {name}: p50 {times[Viewers / 2]:0} ms, p99 {times[Viewers * 99 / 100]:0} ms, {reads} range reads");
        Add(times[Viewers * 99 / 100], $"{name}, p99 until all is there", 1_000, unit: "ms");
        Add(reads, $"{name}, range reads", 4, unit: "reads");
    }

    // Has all when the last entry has come, or a snapshot in place of what it lacks.
    private sealed class ReturningViewer(string session, string cursor, long last) : ViewerProtocol($"/ws/chat/{session}{cursor}")
    {
        private readonly byte[] _last = Text($"{{\"seq\":{last},");

        public override bool IsJoined(ReadOnlySpan<byte> frame)
            => frame.StartsWith(_last) || frame[..Math.Min(frame.Length, 100)].IndexOf("\"type\":\"snapshot\""u8) >= 0;
    }
}
