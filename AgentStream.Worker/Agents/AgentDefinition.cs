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

    /// <summary>The model that answers where <see cref="Model"/> can't and nothing was shown yet; <c>null</c>: none.</summary>
    public string? FallbackModel { get; init; }

    public IReadOnlyList<AgentTool> Tools { get; init; } = [];

    public AgentLimits Limits { get; init; } = new();
}
