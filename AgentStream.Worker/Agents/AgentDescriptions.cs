using AgentStream.Messaging.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Agents;

/// <summary>Says of this worker's agents what people who choose want to know.</summary>
internal static class AgentDescriptions
{
    public static LocalAgents Of(IServiceProvider provider)
        => new(Of(provider.GetRequiredService<AgentRegistry>().Current, provider.GetRequiredService<ModelCatalog>()));

    public static IReadOnlyList<AgentDescription> Of(AgentSet agents, ModelCatalog models) =>
        [.. agents.All.Select(agent => Describe(agent, models))];

    private static AgentDescription Describe(AgentDefinition agent, ModelCatalog models)
    {
        var model = ModelOf(agent, models);
        var refusals = model?.Client.GetService<RefusedToolChatClient>();
        List<AgentTool> tools = [.. agent.Tools];
        List<AgentTool> refused = [.. tools.Where(tool => refusals?.HasRefused(tool.Function) == true)];
        List<MissingToolDescription> missing =
        [
            .. MissingOf(agent.Tools).Select(tool => new MissingToolDescription { Name = tool.Name, Reason = tool.Reason }),
            .. refused.Select(tool => new MissingToolDescription { Name = tool.Name, Reason =
                $"The server of the model '{model!.DisplayName}' refuses it; the log of the worker says why." }),
        ];
        return new AgentDescription
        {
            Name = agent.Name,
            Description = agent.Description,
            // Where there is no key for it, whoever asks this agent is told; a list must not fail for it.
            Model = model?.DisplayName ?? agent.Model!,
            Models = agent.Own is { RunsAsAWhole: true } ? null : models.Offered,
            Tools = [.. tools.Except(refused).Select(tool => new ToolDescription
            {
                Name = tool.Name,
                Description = tool.Description,
                Idempotent = tool.IsIdempotent,
                Approval = agent.NeedsApproval(tool),
            })],
            MissingTools = missing.Count > 0 ? missing : null,
        };
    }

    private static IReadOnlyList<MissingTool> MissingOf(IReadOnlyList<AgentTool> tools) => tools switch
    {
        SelectedTools selected => selected.Missing,
        ToolsAndDelegate both => MissingOf(both.Tools),
        _ => [],
    };

    private static ResolvedModel? ModelOf(AgentDefinition agent, ModelCatalog models)
    {
        if (agent.Own is { } own)
        {
            return own.Model;
        }

        try
        {
            return models.Resolve(agent.Model);
        }
        catch (ModelException)
        {
            return null;
        }
    }
}
