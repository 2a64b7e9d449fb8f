using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Agents;

/// <summary>Which agents there are. Registered by whoever knows: the worker in the same process, or the store to which workers publish theirs.</summary>
public interface IAgentCatalog
{
    /// <summary>The agents that can be asked now; empty where no worker has said yet.</summary>
    /// <exception cref="StoreUnavailableException">The catalog is kept in a store that can't be reached.</exception>
    ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default);
}
