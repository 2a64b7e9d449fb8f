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

    /// <summary>Agents to which it may hand on a part of its work, by name; those that there are not are left out when it runs.</summary>
    public IReadOnlyList<string> Delegates { get; init; } = [];

    /// <summary>
    /// Names of tools whose calls a person must agree to, beside those that are marked so themselves,
    /// or patterns of names such as <c>files_*</c>; <c>*</c>: all.
    /// </summary>
    public IReadOnlyList<string> Approvals { get; init; } = [];

    public AgentLimits Limits { get; init; } = new();

    /// <summary>What an agent of another framework brings along; <c>null</c>: it is one of ours.</summary>
    internal OwnParts? Own { get; init; }

    /// <summary>Tells whether a person must agree to each call of a tool first.</summary>
    public bool NeedsApproval(AgentTool tool)
        => tool.RequiresApproval || Approvals.Any(pattern => ToolPattern.Fits(pattern, tool.Name));
}
