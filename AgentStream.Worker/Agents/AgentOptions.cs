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

    /// <summary>Names of tools; default: none.</summary>
    public IList<string> Tools { get; } = [];

    public AgentLimits Limits { get; set; } = new();
}

/// <summary>All agents of the configuration, by name.</summary>
public sealed class AgentsOptions
{
    public const string Section = "AgentStream:Agents";

    public IDictionary<string, AgentOptions> Agents { get; } = new Dictionary<string, AgentOptions>(StringComparer.OrdinalIgnoreCase);
}
