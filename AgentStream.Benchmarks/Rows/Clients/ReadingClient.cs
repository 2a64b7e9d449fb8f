using System.Globalization;
using AgentStream.Benchmarks.Clients;
using AgentStream.Benchmarks.Peers;
using AgentStream.Benchmarks.Processes;

namespace AgentStream.Benchmarks.Rows.Clients;

/// <summary>P18: what the client for .NET costs a program, beside a bare socket whose frames are parsed.</summary>
internal sealed class ReadingClient() : Row("P18", "a program with 400 connections of the client, 50 tokens a second")
{
    private const int Connections = 400;
    private const int Rate = 50;
    private const int Seconds = 6;
    private int _repetition;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);

        // In turn first and second: the server is warmer for who comes later.
        string[] order = _repetition++ % 2 == 0 ? ["client", "bare"] : ["bare", "client"];
        Dictionary<string, double> cost = [];
        foreach (var kind in order)
        {
            cost[kind] = await CostAsync(kind, ours, cancellationToken);
        }

        Add(cost["client"], "CPU of the program per event", null, unit: "µs");
        Add(cost["client"] / cost["bare"], "CPU of the program per event : ClientWebSocket, frames parsed", 1.05);
    }

    private async Task<double> CostAsync(string kind, AgentStreamContender ours, CancellationToken cancellationToken)
    {
        var session = $"read-{Guid.NewGuid():n}";
        await using var program = await ClientProcess.StartOwnAsync(
            "client-read",
            cancellationToken,
            kind,
            $"http://127.0.0.1:{ours.Ports[0]}",
            session,
            Connections.ToString(CultureInfo.InvariantCulture));
        await ours.StreamAsync([session], Rate, Rate * Seconds, cancellationToken);
        await program.LineAsync("run 1: ", cancellationToken);

        var load = new MachineLoad();
        var (cpu, own) = (ours.Cpu, Environment.CpuUsage.TotalTime);
        await ours.StreamAsync([session], Rate, Rate * Seconds, cancellationToken);
        var told = (await program.LineAsync("run 2: ", cancellationToken)).Split(' ')
            .Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        var spent = TimeSpan.FromMicroseconds(told[1]);
        NoteOthers(load.OthersShare(ours.Cpu - cpu + Environment.CpuUsage.TotalTime - own + spent));
        var each = spent.TotalMicroseconds / told[0];
        Console.WriteLine($"  P18 {kind,-6} {told[0]} events, {told[2]} characters, {each:0.00} µs an event");
        return each;
    }
}
