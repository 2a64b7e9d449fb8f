using AgentStream.Messaging.Agents;
using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.Tests.Api.Wires.Agents;

/// <summary>Agents, for wires on which clients look for them.</summary>
internal sealed class WireAgents : IAgentCatalog
{
    public static void Install(IServiceCollection services) => services.AddSingleton<IAgentCatalog, WireAgents>();

    public ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default)
        => ValueTask.FromResult<IReadOnlyList<AgentDescription>>(
        [
            new AgentDescription
            {
                Name = "assistant",
                Description = "Helps.",
                Model = "demo",
                Tools = [new ToolDescription { Name = "save_note", Description = "Keeps a note.", Idempotent = false, Approval = true }],
            },
            new AgentDescription { Name = "researcher", Description = "Finds out.", Model = "demo", Tools = [] },
        ]);
}
