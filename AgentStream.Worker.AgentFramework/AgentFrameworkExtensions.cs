using AgentStream.Worker.AgentFramework;
using AgentStream.Worker.CodeFirst;
using Microsoft.Agents.AI;

namespace Microsoft.Extensions.Hosting;

/// <summary>Lets a worker run agents of the Microsoft Agent Framework.</summary>
public static class AgentFrameworkExtensions
{
    /// <inheritdoc cref="AddAgent(AgentStreamWorkerBuilder, string, AIAgent, Action{AIAgentOptions})" />
    public static AgentStreamWorkerBuilder AddAgent(this AgentStreamWorkerBuilder worker, string name, AIAgent agent)
        => worker.AddAgent(name, agent, static _ => { });

    /// <summary>
    /// Adds an agent of the Agent Framework.
    /// The calls of a plain <see cref="ChatClientAgent"/> are made by the worker, one by one: each is kept, runs once, and can wait for
    /// approval. Any other agent (one in middleware, with context providers or a history of its own, a workflow) calls its tools itself,
    /// and all of its work is one step.
    /// </summary>
    /// <param name="worker">The worker.</param>
    /// <param name="name">Its name here: 1 to 64 of A-Z a-z 0-9 _ -.</param>
    /// <param name="agent">The agent. Each run gives it the conversation and a new session.</param>
    /// <param name="configure">Says more of it.</param>
    /// <exception cref="ArgumentException">The name is none, or is taken.</exception>
    public static AgentStreamWorkerBuilder AddAgent(
        this AgentStreamWorkerBuilder worker, string name, AIAgent agent, Action<AIAgentOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return worker.AddAgent(name, (_, _) => agent, configure);
    }

    /// <inheritdoc cref="AddAgent(AgentStreamWorkerBuilder, string, Func{IServiceProvider, string, AIAgent}, Action{AIAgentOptions})" />
    public static AgentStreamWorkerBuilder AddAgent(
        this AgentStreamWorkerBuilder worker, string name, Func<IServiceProvider, string, AIAgent> create)
        => worker.AddAgent(name, create, static _ => { });

    /// <summary>Adds an agent of the Agent Framework that needs services.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="name">Its name here: 1 to 64 of A-Z a-z 0-9 _ -.</param>
    /// <param name="create">Makes the agent from services and name, once, when the host starts.</param>
    /// <param name="configure">Says more of it.</param>
    /// <exception cref="ArgumentException">The name is none, or is taken.</exception>
    public static AgentStreamWorkerBuilder AddAgent(
        this AgentStreamWorkerBuilder worker,
        string name,
        Func<IServiceProvider, string, AIAgent> create,
        Action<AIAgentOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(worker);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new AIAgentOptions();
        configure(options);
        return worker.AddAgent(name, services => BroughtAgent.Describe(name, create(services, name), options, services));
    }
}
