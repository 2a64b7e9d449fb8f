using AgentStream.Messaging.Agents;
using AgentStream.Worker.Models;

namespace AgentStream.Worker.Agents;

/// <summary>Says of this worker's agents what people who choose want to know.</summary>
internal static class AgentDescriptions
{
    public static LocalAgents Of(IServiceProvider provider)
        => new(Of(provider.GetRequiredService<AgentRegistry>().Current, provider.GetRequiredService<ModelCatalog>()));

    public static IReadOnlyList<AgentDescription> Of(AgentSet agents, ModelCatalog models) => [.. agents.All.Select(agent => Describe(agent, models))];

    private static AgentDescription Describe(AgentDefinition agent, ModelCatalog models) => new()
    {
        Name = agent.Name,
        Description = agent.Description,
        Model = NameOf(agent, models),
        Tools = [.. agent.Tools.Select(tool => new ToolDescription
        {
            Name = tool.Name,
            Description = tool.Description,
            Idempotent = tool.IsIdempotent,
            Approval = agent.NeedsApproval(tool),
        })],
    };

    private static string NameOf(AgentDefinition agent, ModelCatalog models)
    {
        try
        {
            return models.Resolve(agent.Model).DisplayName;
        }
        catch (ModelException)
        {
            // There is no key for it: whoever asks this agent is told; a list must not fail for it.
            return agent.Model!;
        }
    }
}
