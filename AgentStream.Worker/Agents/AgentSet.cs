using System.Diagnostics.CodeAnalysis;
using AgentStream.Worker.Running.Delegation;

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

        foreach (var agent in _agents.Values.Where(agent => agent.Delegates.Count > 0 && agent.Limits.DelegationDepth > 0).ToList())
        {
            Equip(agent);
        }
    }

    /// <summary>Delegates that there are not, and who would ask them.</summary>
    public IEnumerable<(string Agent, string Delegate)> MissingDelegates
        => from agent in _agents.Values from name in agent.Delegates where !_agents.ContainsKey(name) select (agent.Name, name);

    public IReadOnlyCollection<AgentDefinition> All => _agents.Values;

    public IEnumerable<string> Names => _agents.Values.Select(agent => agent.Name);

    public bool TryGet(string name, [NotNullWhen(true)] out AgentDefinition? agent) => _agents.TryGetValue(name, out agent);

    /// <summary>Gives an agent the tool with which it asks the others.</summary>
    private void Equip(AgentDefinition agent)
    {
        List<AgentDefinition> delegates =
        [
            .. agent.Delegates.Select(name => _agents.GetValueOrDefault(name)).OfType<AgentDefinition>().DistinctBy(one => one.Name),
        ];
        if (delegates.Count > 0)
        {
            _agents[agent.Name] = agent with { Tools = new ToolsAndDelegate(agent.Tools, DelegateTool.Create(delegates)) };
        }
    }
}
