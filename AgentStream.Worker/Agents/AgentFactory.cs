using AgentStream.Worker.Models;
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

    private AgentTool Find(string name, int index) => tools.TryGet(name, out var tool)
        ? tool
        : throw new AgentMistakeException(
            nameof(AgentOptions.Tools), index, $"names the unknown tool '{name}'; it takes any of: {string.Join(", ", tools.All.Select(known => known.Name))}.");
}
