namespace AgentStream.Messaging.Agents;

/// <summary>The agents of the worker in this process. A worker registers them; the home of log and queue makes them known through <see cref="IAgentCatalog"/>.</summary>
/// <param name="Agents">In the order of the configuration.</param>
public sealed record LocalAgents(IReadOnlyList<AgentDescription> Agents);
