using System.Diagnostics.CodeAnalysis;

namespace AgentStream.Worker.Agents;

/// <summary>The agents that there are at one moment, by name, in whatever case. Never changes: a run keeps the one it began with.</summary>
internal sealed class AgentSet
{
    private readonly Dictionary<string, AgentDefinition> _agents = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="agents">Of two with the same name the later one counts, in the place of the earlier.</param>
    public AgentSet(IEnumerable<AgentDefinition> agents)
    {
        foreach (var agent in agents)
        {
            _agents[agent.Name] = agent;
        }
    }

    public IReadOnlyCollection<AgentDefinition> All => _agents.Values;

    public IEnumerable<string> Names => _agents.Values.Select(agent => agent.Name);

    public bool TryGet(string name, [NotNullWhen(true)] out AgentDefinition? agent) => _agents.TryGetValue(name, out agent);
}
