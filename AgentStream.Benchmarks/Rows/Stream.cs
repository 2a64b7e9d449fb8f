using System.Diagnostics;
using AgentStream.Benchmarks.Load;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows;

/// <summary>Streams of tokens, each to a number of viewers, measured from the model's write to the viewers' read.</summary>
/// <param name="Tokens">Tokens delivered, counted at each viewer.</param>
/// <param name="Expected">Tokens that should have been delivered.</param>
/// <param name="Frames">Frames that brought them.</param>
/// <param name="Bytes">Bytes of those frames.</param>
/// <param name="Took">From the first to the last.</param>
/// <param name="P50">Half of the tokens were under way for less, in milliseconds, each counted at each viewer.</param>
/// <param name="P99">The same for 99 of 100.</param>
/// <param name="Cpu">CPU time of all processes of the contender.</param>
/// <param name="ServerCpu">CPU time of those that hold the sockets.</param>
/// <param name="ClientCpu">CPU time of the model and the viewers, which is nobody's fault.</param>
/// <param name="Commands">Commands that Redis executed, those inside of scripts included.</param>
/// <param name="Allocated">Bytes that the servers allocated, where that was looked for.</param>
/// <param name="Others">The share of the machine that others used meanwhile.</param>
internal sealed record Stream(
    long Tokens,
    long Expected,
    long Frames,
    long Bytes,
    TimeSpan Took,
    double P50,
    double P99,
    TimeSpan Cpu,
    TimeSpan ServerCpu,
    TimeSpan ClientCpu,
    long Commands,
    long Allocated,
    double Others)
{
    /// <summary>Everything arrived.</summary>
    public bool IsWhole => Tokens == Expected;

    public double CpuMicrosecondsPerToken => Cpu.TotalMicroseconds / Tokens;

    public double ServerCpuMicrosecondsPerFrame => ServerCpu.TotalMicroseconds / Frames;

    /// <summary>
    /// Connects the viewers, has the tokens streamed, and waits until all have arrived, or until ten seconds after they should have.
    /// </summary>
    /// <param name="contender">Who brings them.</param>
    /// <param name="streams">The number of sessions in which tokens are streamed at once.</param>
    /// <param name="viewers">The number of viewers of each, who take the servers in turn.</param>
    /// <param name="rate">Tokens a second of each stream.</param>
    /// <param name="seconds">How long they last.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public static async Task<Stream> MeasureAsync(
        Contender contender, int streams, int viewers, int rate, double seconds, CancellationToken cancellationToken)
    {
        List<string> sessions = [.. Enumerable.Range(0, streams).Select(_ => $"bench-{Guid.NewGuid():n}")];
        var tokens = (int)(rate * seconds);
        var tally = new Tally();
        List<ViewerSocket> sockets = [];
        try
        {
            for (var number = 0; number < streams * viewers; number++)
            {
                sockets.Add(new ViewerSocket(contender.Viewer(sessions[number / viewers]), tally));
                await sockets[^1].JoinAsync(contender.Ports[number % contender.Ports.Count], cancellationToken);
            }

            var load = new MachineLoad();
            var (cpu, server, client) = (contender.Cpu, contender.ServerCpu, OwnCpu());
            var commands = contender.Redis is { } redis ? await redis.CommandsAsync(cancellationToken) : 0;
            var allocated = contender.Allocated;
            var began = Stopwatch.GetTimestamp();
            await contender.StreamAsync(sessions, rate, tokens, cancellationToken);
            var expected = (long)tokens * streams * viewers;
            var deadline = TimeSpan.FromSeconds(seconds + 10);
            while (tally.Tokens < expected && Stopwatch.GetElapsedTime(began) < deadline)
            {
                await Task.Delay(20, cancellationToken);
            }

            var took = Stopwatch.GetElapsedTime(began);
            var all = contender.Cpu - cpu;
            var own = OwnCpu() - client;
            return new Stream(
                tally.Tokens,
                expected,
                tally.Frames,
                tally.Bytes,
                took,
                tally.Latencies.Percentile(0.5),
                tally.Latencies.Percentile(0.99),
                all,
                contender.ServerCpu - server,
                own,
                contender.Redis is { } same ? await same.CommandsAsync(cancellationToken) - commands : 0,
                contender.Allocated - allocated,
                load.OthersShare(all + own));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static TimeSpan OwnCpu() => Environment.CpuUsage.TotalTime;
}
