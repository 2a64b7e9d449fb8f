using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows.Access;

/// <summary>P17: what it costs to ask callers who they are, at a handshake and for each token.</summary>
internal sealed class AskingWhoCalls() : Row("P17", "asking who calls: sockets that are resumed, and 200 viewers of a run")
{
    private const int Viewers = 200;
    private const int Rate = 200;
    private const double Seconds = 4;
    private const double WarmSeconds = 6;
    private const int WarmSockets = 100;
    private const int Sockets = 300;
    private const int Behind = 20;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var open = await arena.OursAsync(cancellationToken);
        await using var asked = await arena.GuardedAsync(cancellationToken);
        await using var before = arena.HasBaseline ? await arena.BaselineAsync(cancellationToken) : null;
        List<Side> sides = [new(open), new(asked), .. before is null ? [] : new[] { new Side(before) }];
        foreach (var side in sides)
        {
            await StreamAsync(side.Contender, Viewers, Rate, WarmSeconds, cancellationToken);
            side.Resumed = await ResumedAsync(side.Contender, cancellationToken);
        }

        await ResumeAsync(sides, cancellationToken);
        // There and back, so that a machine that becomes slower or faster does so for all.
        foreach (var side in sides.Concat(sides.AsEnumerable().Reverse()))
        {
            side.Add(await StreamAsync(side.Contender, Viewers, Rate, Seconds, cancellationToken));
        }

        foreach (var side in sides)
        {
            Console.WriteLine(
                $"  P17 {side.Contender.Name,-22} first frame p50 {side.FirstFrame:0} µs, CPU {side.CpuPerToken:0.000} µs a token "
                    + $"(twice: {string.Join(" and ", side.Each.Select(cpu => $"{cpu:0.000}"))})");
        }

        Add(sides[1].FirstFrame / sides[0].FirstFrame, "first frame of a resumed socket, asked : not asked", 1.1);
        Add(sides[1].CpuPerToken / sides[0].CpuPerToken, "CPU per delivered token, asked : not asked", 1.0);
        Add(sides[0].Each[1] / sides[0].Each[0], "CPU per delivered token, not asked : the same again", null);
        if (before is not null)
        {
            Add(sides[1].FirstFrame / sides[2].FirstFrame, "first frame of a resumed socket, asked : the build before", 1.1);
            Add(sides[1].CpuPerToken / sides[2].CpuPerToken, "CPU per delivered token, asked : the build before", 1.0);
        }
    }

    // One after the other, in turn, each of them alone: what is measured is the way, and not the queue.
    private static async Task ResumeAsync(List<Side> sides, CancellationToken cancellationToken)
    {
        for (var number = -WarmSockets; number < Sockets; number++)
        {
            foreach (var side in sides)
            {
                var began = Stamp.Microseconds();
                using var socket = new ViewerSocket(side.Resumed!, new Tally());
                await socket.JoinAsync(side.Contender.Ports[0], cancellationToken);
                if (number >= 0)
                {
                    side.Times.Add(Stamp.Microseconds() - began);
                }
            }
        }
    }

    private static async Task<ResumedViewer> ResumedAsync(AgentStreamContender contender, CancellationToken cancellationToken)
    {
        var sessions = await contender.Http.GetFromJsonAsync<JsonElement>("/api/sessions?limit=1", cancellationToken);
        var session = sessions.GetProperty("sessions")[0].GetProperty("session_id").GetString()!;
        var head = await contender.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}", cancellationToken);
        var after = head.GetProperty("last_seq").GetInt64() - Behind;
        return new ResumedViewer($"/ws/chat/{session}?after={after}&epoch={head.GetProperty("epoch").GetString()}", contender.Token);
    }

    private sealed class ResumedViewer(string path, string? token) : ViewerProtocol(path)
    {
        public override string? SubProtocol => "agentstream.v2";

        public override string? Authorization => token;

        public override bool IsJoined(ReadOnlySpan<byte> frame) => true;
    }

    private sealed class Side(AgentStreamContender contender)
    {
        private readonly List<Stream> _streams = [];

        public AgentStreamContender Contender => contender;

        public ResumedViewer? Resumed { get; set; }

        public List<double> Times { get; } = [];

        /// <summary>Half of the sockets had their first frame within this many microseconds.</summary>
        public double FirstFrame => Times.Order().ElementAt(Times.Count / 2);

        public IReadOnlyList<double> Each => [.. _streams.Select(stream => stream.CpuMicrosecondsPerToken)];

        public double CpuPerToken => _streams.Sum(stream => stream.Cpu.TotalMicroseconds) / _streams.Sum(stream => stream.Tokens);

        public void Add(Stream stream) => _streams.Add(stream);
    }
}
