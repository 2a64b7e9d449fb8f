using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Agents;

/// <summary>
/// The agents that there are: those of the worker in the same process (<see cref="LocalAgents"/>),
/// or of all workers that publish theirs to the same store.
/// </summary>
internal interface IAgentCatalog
{
    /// <summary>The agents that can be asked now; empty where no worker has said yet.</summary>
    /// <exception cref="StoreUnavailableException">The catalog is kept in a store that can't be reached.</exception>
    ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default);
}
