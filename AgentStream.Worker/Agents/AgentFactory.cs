using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Agents;

/// <summary>Makes an agent of what is written about it: finds its tools, checks its models.</summary>
internal sealed class AgentFactory(ToolRegistry tools, ModelCatalog models)
{
    /// <exception cref="AgentMistakeException">It names a tool or a model that there is not.</exception>
    public AgentDefinition Create(string name, AgentOptions options) => new()
    {
        Name = name,
        Description = options.Description,
        Instructions = options.Instructions,
        Model = options.Own is null ? Checked(nameof(AgentOptions.Model), options.Model) : null,
        FallbackModel = options.FallbackModel is null ? null : Checked(nameof(AgentOptions.FallbackModel), options.FallbackModel),
        Tools = options.Own?.Tools ?? tools.Select(options.Tools.Select(Checked)),
        Delegates = [.. options.Delegates],
        Approvals = [.. options.Approvals.Select((tool, index) => Approved(options, tool, index))],
        Limits = options.Limits,
        Own = options.Own,
    };

    private string? Checked(string setting, string? model)
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
            throw new AgentMistakeException(
                setting, null, $"is '{model}', which is not configured; it takes one of: {string.Join(", ", models.Names)}.");
        }
    }

    private string Checked(string name, int index) => tools.Knows(name)
        ? name
        : throw new AgentMistakeException(
            nameof(AgentOptions.Tools), index,
            $"names the unknown tool '{name}'; it takes any of: {string.Join(", ", tools.All.Select(known => known.Name))}.");

    /// <summary>A misspelt name would let the very tool run that somebody wanted to be asked about.</summary>
    private static string Approved(AgentOptions options, string name, int index) => options.MayApprove(name)
        ? name
        : throw new AgentMistakeException(
            nameof(AgentOptions.Approvals), index,
            $"names '{name}', which is none of the agent's tools; it takes their names, patterns of them such as 'files_*', or '*' for "
                + "all.");
}
