using System.Diagnostics.CodeAnalysis;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Agents;

/// <summary>The agents that this worker has, by name, in whatever case.</summary>
internal sealed class AgentRegistry
{
    private readonly Dictionary<string, AgentDefinition> _agents = new(StringComparer.OrdinalIgnoreCase);

    public AgentRegistry(IOptions<AgentsOptions> options, ToolRegistry tools, ModelCatalog models)
    {
        foreach (var (name, agent) in options.Value.Agents)
        {
            _agents[name] = new AgentDefinition
            {
                Name = name,
                Description = agent.Description,
                Instructions = agent.Instructions,
                Model = Checked(models, name, nameof(agent.Model), agent.Model),
                FallbackModel = agent.FallbackModel is null ? null : Checked(models, name, nameof(agent.FallbackModel), agent.FallbackModel),
                Tools = tools.Select(agent.Tools.Select(tool => Checked(tools, name, tool))),
                Approvals = [.. agent.Approvals],
                Limits = agent.Limits,
            };
        }
    }

    public IReadOnlyCollection<AgentDefinition> All => _agents.Values;

    public IEnumerable<string> Names => _agents.Values.Select(agent => agent.Name);

    public bool TryGet(string name, [NotNullWhen(true)] out AgentDefinition? agent) => _agents.TryGetValue(name, out agent);

    private static string? Checked(ModelCatalog models, string agent, string setting, string? model)
    {
        try
        {
            _ = models.Resolve(model);
            return model;
        }
        catch (ModelException missing) when (missing.Code == ModelErrorCode.Auth)
        {
            // The name is right, only its key is not here (yet): whoever asks this agent is told what to do, and the others work.
            return model;
        }
        catch (ModelException)
        {
            throw new OptionsValidationException(
                AgentsOptions.Section,
                typeof(AgentsOptions),
                [$"{AgentsOptions.Section}:{agent}:{setting} is '{model}', which is not configured; it takes one of: {string.Join(", ", models.Names)}."]);
        }
    }

    private static string Checked(ToolRegistry tools, string agent, string name)
        => tools.Knows(name)
            ? name
            : throw new OptionsValidationException(
                AgentsOptions.Section,
                typeof(AgentsOptions),
                [$"{AgentsOptions.Section}:{agent}:Tools names the unknown tool '{name}'; it takes any of: {string.Join(", ", tools.All.Select(known => known.Name))}."]);
}
