using AgentStream.Messaging.Agents;
using AgentStream.Worker.Models;

namespace AgentStream.Worker.Agents;

/// <summary>Tells who asks which agents this worker has.</summary>
internal sealed class WorkerAgentCatalog(AgentRegistry agents, ModelCatalog models) : IAgentCatalog
{
    public ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default)
        => ValueTask.FromResult<IReadOnlyList<AgentDescription>>([.. agents.All.Select(Describe)]);

    private AgentDescription Describe(AgentDefinition agent) => new()
    {
        Name = agent.Name,
        Description = agent.Description,
        Model = models.Resolve(agent.Model).DisplayName,
        Tools = [.. agent.Tools.Select(tool => new ToolDescription
        {
            Name = tool.Name,
            Description = tool.Description,
            Idempotent = tool.IsIdempotent,
            Approval = tool.RequiresApproval,
        })],
    };
}
