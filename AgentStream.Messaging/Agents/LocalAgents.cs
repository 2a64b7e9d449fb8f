namespace AgentStream.Messaging.Agents;

/// <summary>
/// The agents of the worker in this process, which may change while it runs.
/// A worker registers them; the home of log and queue makes them known through <see cref="IAgentCatalog"/>.
/// </summary>
/// <param name="agents">In the order of the configuration.</param>
internal sealed class LocalAgents(IReadOnlyList<AgentDescription> agents)
{
    private State _state = new(agents);

    /// <summary>The agents as they are now; a list that never changes.</summary>
    public IReadOnlyList<AgentDescription> Agents => Volatile.Read(ref _state).Agents;

    /// <summary>
    /// Completes at the next <see cref="Replace"/>. Take it before <see cref="Agents"/>, or a change in between is missed.
    /// </summary>
    public Task Changed => Volatile.Read(ref _state).Changed.Task;

    /// <summary>Puts others in their place.</summary>
    public void Replace(IReadOnlyList<AgentDescription> agents)
        => Interlocked.Exchange(ref _state, new State(agents)).Changed.TrySetResult();

    private sealed record State(IReadOnlyList<AgentDescription> Agents)
    {
        // Whoever waits goes on by itself, not inside of Replace.
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
