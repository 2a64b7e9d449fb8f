using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Commands;

/// <summary>The agents that can be asked, without a question to the store for each message.</summary>
/// <remarks>
/// Only that an agent is there is believed for a while.
/// That it is not is asked anew each time: a worker that has just published it is believed at once, and nobody has to be told of changes.
/// An agent that went may be named for so long; the worker that claims the run decides, and fails it honestly.
/// </remarks>
internal sealed class KnownAgents(TimeProvider time, IAgentCatalog? catalog = null)
{
    /// <summary>The time for which an answer counts.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(5);

    private volatile Told? _told;

    /// <summary>The agents that the workers name now; empty where nobody has said which there are.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken)
    {
        if (catalog is null)
        {
            return [];
        }

        var asked = time.GetTimestamp();
        var agents = await catalog.ListAsync(cancellationToken);
        _told = new Told(agents, asked);
        return agents;
    }

    /// <summary>
    /// The agents that there are in place of the one that was named; <c>null</c>: it can be asked, or nobody has said which there are.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<IReadOnlyList<AgentDescription>?> OthersThanAsync(string name, CancellationToken cancellationToken)
    {
        if (_told is { } told && time.GetElapsedTime(told.At) < BelievedFor && Has(told.Agents, name))
        {
            return null;
        }

        var agents = await ListAsync(cancellationToken);
        return agents.Count == 0 || Has(agents, name) ? null : agents;
    }

    private static bool Has(IReadOnlyList<AgentDescription> agents, string name) => agents.Any(agent => agent.Name == name);

    private sealed record Told(IReadOnlyList<AgentDescription> Agents, long At);
}
