using AgentStream.Worker.Agents.Files;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Agents;

/// <summary>
/// The agents that this worker has: those of the configuration, and over them those of agent files.
/// Where both have a name, the file counts.
/// </summary>
internal sealed class AgentRegistry
{
    private readonly AgentFactory _factory;
    private readonly AgentFolder? _folder;
    private readonly List<AgentDefinition> _configured;
    private volatile AgentSet _current;

    /// <exception cref="OptionsValidationException">
    /// An agent of the configuration names a tool or a model that there is not. A file that does is reported instead.
    /// </exception>
    public AgentRegistry(IOptions<AgentsOptions> options, ToolRegistry tools, ModelCatalog models, AgentFolder? folder = null)
    {
        _factory = new AgentFactory(tools, models);
        _folder = folder;
        _configured = [.. options.Value.Agents.Select(agent => Configured(agent.Key, agent.Value))];
        _folder?.Refresh(_factory);
        _current = Merge();
        CheckDelegates(options.Value);
    }

    /// <summary>The agents as they are now. Take it once where two questions must have the same answer.</summary>
    public AgentSet Current => _current;

    /// <summary>Reads the agent files again. False: nothing has changed. One caller at a time.</summary>
    public bool Reload()
    {
        if (_folder?.Refresh(_factory) != true)
        {
            return false;
        }

        _current = Merge();
        return true;
    }

    private AgentSet Merge() => new([.. _configured, .. _folder?.Agents ?? []]);

    /// <summary>
    /// What a program says is wrong or right once and for all. Elsewhere it is only warned of: the other agent may come with a file.
    /// </summary>
    private void CheckDelegates(AgentsOptions options)
    {
        List<string> failures =
        [
            .. from missing in _current.MissingDelegates
               where options.Agents.TryGetValue(missing.Agent, out var agent) && agent.IsFromCode
               select $"{AgentsOptions.Section}:{missing.Agent}:Delegates names the unknown agent '{missing.Delegate}'; it takes any of: "
                   + $"{string.Join(", ", _current.Names)}.",
        ];
        if (failures.Count > 0)
        {
            throw new OptionsValidationException(AgentsOptions.Section, typeof(AgentsOptions), failures);
        }
    }

    private AgentDefinition Configured(string name, AgentOptions options)
    {
        try
        {
            return _factory.Create(name, options);
        }
        catch (AgentMistakeException mistake)
        {
            throw new OptionsValidationException(
                AgentsOptions.Section, typeof(AgentsOptions), [$"{AgentsOptions.Section}:{name}:{mistake.Setting} {mistake.Message}"]);
        }
    }
}
