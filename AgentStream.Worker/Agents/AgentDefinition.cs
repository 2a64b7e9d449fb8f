using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Agents;

/// <summary>An agent that can run: its configuration with its tools found.</summary>
public sealed record AgentDefinition
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public string Instructions { get; init; } = "";

    /// <summary>A model of the catalog; <c>null</c>: the default one.</summary>
    public string? Model { get; init; }

    public IReadOnlyList<AgentTool> Tools { get; init; } = [];

    /// <summary>Agents to which it may hand on a part of its work, by name; those that there are not are left out when it runs.</summary>
    public IReadOnlyList<string> Delegates { get; init; } = [];

    public AgentLimits Limits { get; init; } = new();
}
