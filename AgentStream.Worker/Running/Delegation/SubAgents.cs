using System.Diagnostics.CodeAnalysis;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Context;

namespace AgentStream.Worker.Running.Delegation;

/// <summary>Finds who can be asked to do a part of a run: the agents as they were when it began.</summary>
internal sealed class SubAgents(AgentSet agents, Func<AgentDefinition, ResolvedModel> resolve, ContextWindows windows)
{
    private const string DemoProvider = "demo";

    public bool TryGet(string name, [NotNullWhen(true)] out AgentDefinition? agent) => agents.TryGet(name, out agent);

    public int ContextOf(ResolvedModel model) => windows.Of(model);

    /// <summary>The demo model understands nothing, and an agent that runs as a whole would do its work for a summary.</summary>
    public static bool CanSummarise(AgentDefinition agent, ResolvedModel model)
        => model.Provider != DemoProvider && agent.Own is not { RunsAsAWhole: true };

    /// <summary>The agent's own model; <c>null</c>: it has none of its own and uses that of the agent that asks it.</summary>
    /// <exception cref="ModelException">It can't be used now.</exception>
    public ResolvedModel? ModelOf(AgentDefinition agent) => agent.Model is null && agent.Own is null ? null : resolve(agent);
}
