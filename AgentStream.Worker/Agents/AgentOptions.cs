using AgentStream.Messaging.Settings;
using AgentStream.Worker.CodeFirst;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Agents;

/// <summary>One agent as it stands in the configuration: section <c>AgentStream:Agents:{name}</c>.</summary>
public sealed class AgentOptions
{
    /// <summary>For people who choose.</summary>
    public string Description { get; set; } = "";

    /// <summary>The system prompt.</summary>
    public string Instructions { get; set; } = "";

    /// <summary>A model of <c>AgentStream:Models</c>; default: the default model.</summary>
    public string? Model { get; set; }

    /// <summary>
    /// A model that answers where <see cref="Model"/> can't and nothing was shown yet; default: none.
    /// A message that names a model of its own gets that one or an error.
    /// </summary>
    public string? FallbackModel { get; set; }

    /// <summary>Names of tools, or patterns of names such as <c>files_*</c>; default: none.</summary>
    public IList<string> Tools { get; } = [];

    /// <summary>Names of agents to which it may hand on a part of its work (tool <c>delegate</c>); default: none.</summary>
    public IList<string> Delegates { get; } = [];

    /// <summary>
    /// Names of tools of the agent, or patterns of names, whose calls a person must agree to; <c>*</c>: all.
    /// Default: only those that are marked so themselves.
    /// </summary>
    public IList<string> Approvals { get; } = [];

    /// <summary>The limits of one run.</summary>
    public AgentLimits Limits { get; set; } = new();

    /// <summary>What an agent of another framework brings along; <c>null</c>: it is one of ours.</summary>
    internal OwnParts? Own { get; set; }

    /// <summary>The program added it: whom it names must be there when the host starts.</summary>
    internal bool IsFromCode { get; set; }

    /// <summary>
    /// Tells whether <see cref="Approvals"/> may name this: every tool, one that the agent may have, or <c>delegate</c>;
    /// or a pattern that fits one of these.
    /// </summary>
    internal bool MayApprove(string tool)
        => tool == "*"
            || Tools.Concat(Own?.Tools.Select(own => own.Name) ?? []).Any(own => ToolPattern.CanFitTheSame(own, tool))
            || (Delegates.Count > 0 && ToolPattern.Fits(tool, DelegateTool.Name));
}

/// <summary>All agents of the configuration, by name.</summary>
public sealed class AgentsOptions
{
    public const string Section = "AgentStream:Agents";

    public IDictionary<string, AgentOptions> Agents { get; } = new Dictionary<string, AgentOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Adds the agents of a configuration.
    /// Not left to the framework's binder, which drops an agent in silence where one of its values is wrong.
    /// </summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting has a value that it does not take.</exception>
    internal void Read(IConfiguration configuration)
    {
        foreach (var section in configuration.GetSection(Section).GetChildren())
        {
            var agent = new AgentOptions();
            CheckedSettings.Bind(agent, configuration, section.Path);
            CheckedSettings.Bind(agent.Limits, configuration, $"{section.Path}:{nameof(AgentOptions.Limits)}");
            AddAll(agent.Tools, section.GetSection(nameof(AgentOptions.Tools)));
            AddAll(agent.Delegates, section.GetSection(nameof(AgentOptions.Delegates)));
            AddAll(agent.Approvals, section.GetSection(nameof(AgentOptions.Approvals)));
            Agents[section.Key] = agent;
        }
    }

    /// <summary>Adds the agents of the program; over those of the configuration, some of which every worker has.</summary>
    internal void Add(IEnumerable<CodeAgent> agents, IServiceProvider services)
    {
        foreach (var agent in agents)
        {
            var options = agent.Create(services);
            options.IsFromCode = true;
            Agents[agent.Name] = options;
        }
    }

    private static void AddAll(IList<string> names, IConfiguration section)
    {
        foreach (var name in section.GetChildren())
        {
            names.Add(name.Value ?? "");
        }
    }
}
