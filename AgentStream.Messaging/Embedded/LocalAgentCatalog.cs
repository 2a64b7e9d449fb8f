using AgentStream.Messaging.Agents;

namespace AgentStream.Messaging.Embedded;

/// <summary>The agents of this process: with the embedded store there is no other.</summary>
internal sealed class LocalAgentCatalog(LocalAgents? local = null) : IAgentCatalog
{
    public ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default)
        => ValueTask.FromResult(local?.Agents ?? []);
}
