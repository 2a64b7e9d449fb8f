using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Agents;

/// <summary>Makes an agent of what is written about it: finds its tools, checks its model.</summary>
internal sealed class AgentFactory(ToolRegistry tools, ModelCatalog models)
{
    /// <exception cref="AgentMistakeException">It names a tool or a model that there is not.</exception>
    public AgentDefinition Create(string name, AgentOptions options) => new()
    {
        Name = name,
        Description = options.Description,
        Instructions = options.Instructions,
        Model = Checked(options.Model),
        Tools = [.. options.Tools.Select(Find)],
        Delegates = [.. options.Delegates],
        Approvals = [.. options.Approvals.Select((tool, index) => Approved(options, tool, index))],
        Limits = options.Limits,
    };

    private string? Checked(string? model)
    {
        try
        {
            _ = models.Resolve(model);
            return model;
        }
        catch (ModelException)
        {
            throw new AgentMistakeException(
                nameof(AgentOptions.Model), null, $"is '{model}', which is not configured; it takes one of: {string.Join(", ", models.Names)}.");
        }
    }

    /// <summary>A misspelt name would let the very tool run that somebody wanted to be asked about.</summary>
    private static string Approved(AgentOptions options, string name, int index)
        => name == AgentDefinition.AllTools || options.Tools.Contains(name) || (name == DelegateTool.Name && options.Delegates.Count > 0)
            ? name
            : throw new AgentMistakeException(
                nameof(AgentOptions.Approvals), index, $"names '{name}', which is none of the agent's tools; it takes their names, or '*' for all.");

    private AgentTool Find(string name, int index) => tools.TryGet(name, out var tool)
        ? tool
        : throw new AgentMistakeException(
            nameof(AgentOptions.Tools), index, $"names the unknown tool '{name}'; it takes any of: {string.Join(", ", tools.All.Select(known => known.Name))}.");
}
