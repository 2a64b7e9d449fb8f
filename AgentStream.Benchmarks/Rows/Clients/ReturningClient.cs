using System.Globalization;
using AgentStream.Benchmarks.Clients;
using AgentStream.Benchmarks.Peers;

namespace AgentStream.Benchmarks.Rows.Clients;

/// <summary>P19: what clients cost the server that lose their connections and come back, beside as many pages.</summary>
internal sealed class ReturningClient() : Row("P19", "1,000 clients lose their connections and come back")
{
    private const int Sessions = 100;
    private const int Connections = 1_000;
    private const int Cuts = 3;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private int _repetition;

    public override async Task RepeatAsync(Arena arena, CancellationToken cancellationToken)
    {
        await using var ours = await arena.OursAsync(cancellationToken);
        await ours.StreamAsync(
            [.. Enumerable.Range(0, Sessions).Select(number => $"return-{number}")], 50, 10, cancellationToken);

        // In turn first and second: the server is warmer for who comes later.
        string[] order = _repetition++ % 2 == 0 ? ["client", "page"] : ["page", "client"];
        Dictionary<string, double> cost = [];
        foreach (var kind in order)
        {
            cost[kind] = await CostAsync(kind, arena, ours, cancellationToken);
        }

        Add(cost["client"], "server CPU of a client that comes back", null, unit: "µs");
        Add(cost["client"] / cost["page"], "server CPU of a client that comes back : the page", 1);
    }

    private static async Task<double> CostAsync(
        string kind, Arena arena, AgentStreamContender ours, CancellationToken cancellationToken)
    {
        await using var door = new CutDoor(ours.Ports[0]);
        var (sessions, connections) = (Text(Sessions), Text(Connections));
        await using var program = kind == "client"
            ? await ClientProcess.StartOwnAsync("client-return", cancellationToken, $"http://127.0.0.1:{door.Port}", sessions, connections)
            : await ClientProcess.StartAsync(
                kind,
                "node",
                [
                    arena.Script("return-page.mjs"), Text(door.Port), sessions, connections,
                    Path.Combine(Build.Solution, "clients", "js", "src", "index.js"),
                ],
                cancellationToken);
        var before = TimeSpan.Zero;
        for (var cut = 0; cut <= Cuts; cut++)
        {
            // The first one is for the compiler.
            before = cut == 1 ? ours.Server.Cpu : before;
            door.Cut();
            await program.LineAsync($"back {cut + 1}", cancellationToken);
            await Task.Delay(Rest, cancellationToken);
        }

        var each = (ours.Server.Cpu - before).TotalMicroseconds / Cuts / Connections;
        Console.WriteLine($"  P19 {kind,-6} {each:0} µs of the server for one that comes back");
        return each;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
