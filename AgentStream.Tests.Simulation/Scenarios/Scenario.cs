using AgentStream.Api;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Simulation.Engine;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>Everything that is drawn before the beginning.</summary>
internal sealed record Scenario
{
    /// <summary>When the last fault has begun; then all is mended, and what was promised has to come.</summary>
    public static readonly TimeSpan Mended = TimeSpan.FromSeconds(40);

    public required long Seed { get; init; }

    /// <summary>Store, worker and server are one process.</summary>
    public required bool IsStandalone { get; init; }

    public required int Workers { get; init; }

    public required int Servers { get; init; }

    /// <summary>The session of each client, and of what kind it is.</summary>
    public required IReadOnlyList<(int Session, string Kind, TimeSpan Slowness)> Clients { get; init; }

    public required IReadOnlyList<ClientAction> Actions { get; init; }

    public required IReadOnlyList<Fault> Faults { get; init; }

    public required (double Lost, double Doubled, double Late) News { get; init; }

    public required double ModelBreaks { get; init; }

    public required TimeSpan ReplayWindow { get; init; }

    public required int MaxBehind { get; init; }

    public MessagingOptions Messaging => new() { ReplayWindow = ReplayWindow };

    public ApiOptions Api => new()
    {
        HeartbeatInterval = TimeSpan.FromSeconds(10),
        SendTimeout = TimeSpan.FromSeconds(10),
        MaxBehind = MaxBehind,
    };

    public static Scenario Draw(long seed)
    {
        var draws = new Draws(seed);
        var isStandalone = draws.Hit("standalone", 0.2);
        var workers = isStandalone ? 1 : draws.Int("workers", 1, 3);
        var servers = isStandalone ? 1 : draws.Int("servers", 1, 2);
        var sessions = draws.Int("sessions", 1, 3);
        var clients = Enumerable.Range(0, draws.Int("clients", sessions, sessions + 3)).Select(client => (
            client < sessions ? client : draws.Int("session", 0, sessions - 1),
            draws.Of("kind", ["library", "library", "page", "page from start", "stream"]),
            draws.Hit("slow", 0.15) ? draws.Time("slowness", 1, 120) : TimeSpan.Zero)).ToList();
        var actions = new List<ClientAction>();
        for (var plan = 1; plan <= draws.Int("asks", 1, 6); plan++)
        {
            actions.Add(new ClientAction(
                ActionKind.Ask, draws.Time("ask", 0, 25_000), draws.Int("asker", 0, clients.Count - 1), plan,
                draws.Of("busy", ["enqueue", "enqueue", "enqueue", "interrupt", "reject"])));
        }

        for (var cancel = draws.Int("cancels", 0, 2); cancel > 0; cancel--)
        {
            actions.Add(new ClientAction(
                ActionKind.Cancel, draws.Time("cancel", 1_000, 35_000), draws.Int("canceller", 0, clients.Count - 1), 0, ""));
        }

        var kinds = Enum.GetValues<FaultKind>();
        var faults = Enumerable.Range(0, draws.Hit("calm", 0.1) ? 0 : draws.Int("faults", 1, 6)).Select(_ => new Fault(
            draws.Of("fault", kinds), draws.Time("at", 100, 30_000), draws.Int("target", 0, 11),
            draws.Hit("long", 0.4) ? draws.Time("for", 3_000, 20_000) : draws.Time("for", 100, 3_000),
            draws.Int("nth", 1, draws.Hit("soon", 0.5) ? 4 : 30))).OrderBy(fault => fault.At).ToList();
        return new Scenario
        {
            Seed = seed,
            IsStandalone = isStandalone,
            Workers = workers,
            Servers = servers,
            Clients = clients,
            Actions = [.. actions.OrderBy(action => action.At)],
            Faults = faults,
            News = draws.Hit("news", 0.5) ? (draws.Next("lost") * 0.3, draws.Next("doubled") * 0.2, draws.Next("late") * 0.3) : default,
            ModelBreaks = draws.Hit("model", 0.4) ? 0.2 : 0,
            ReplayWindow = draws.Of("window", [TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5), TimeSpan.Zero]),
            MaxBehind = draws.Of("behind", [10_000, 40]),
        };
    }

    public override string ToString()
        => string.Join(Environment.NewLine, [
            $"{(IsStandalone ? "one process" : $"{Workers} workers, {Servers} servers")}, clients "
                + string.Join(", ", Clients.Select(
                    client => $"{client.Kind} of s{client.Session}{(client.Slowness > TimeSpan.Zero ? " slow" : "")}"))
                + $", replay window {ReplayWindow.TotalSeconds} s, max behind {MaxBehind}, model breaks {ModelBreaks}, news {News}",
            .. Actions.Select(action => $"  {action}"),
            .. Faults.Select(fault => $"  {fault}")]);
}
