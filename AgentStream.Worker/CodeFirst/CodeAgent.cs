using AgentStream.Worker.Agents;

namespace AgentStream.Worker.CodeFirst;

/// <summary>An agent that a program adds.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Create">Says what it is, once, when the host starts.</param>
internal sealed record CodeAgent(string Name, Func<IServiceProvider, AgentOptions> Create);
