namespace AgentStream.Tests.Simulation.Engine;

/// <summary>Which ways are cut.</summary>
internal sealed class Network
{
    private readonly HashSet<(string From, string To)> _cut = [];

    public bool IsCut(string from, string to) => _cut.Contains((from, to));

    public void Cut(string from, string to) => _cut.Add((from, to));

    public void Heal(string from, string to) => _cut.Remove((from, to));

    public void HealAll() => _cut.Clear();
}
