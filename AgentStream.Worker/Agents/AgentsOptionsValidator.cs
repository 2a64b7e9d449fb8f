using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Agents;

/// <summary>Says in one sentence which setting of which agent is wrong.</summary>
internal sealed class AgentsOptionsValidator : IValidateOptions<AgentsOptions>
{
    public ValidateOptionsResult Validate(string? name, AgentsOptions options)
    {
        if (options.Agents.Count == 0)
        {
            return ValidateOptionsResult.Fail($"{AgentsOptions.Section} is empty; it takes at least one agent.");
        }

        var failures = options.Agents.SelectMany(agent => Failures(agent.Key, agent.Value)).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(string name, AgentOptions agent)
    {
        if (string.IsNullOrWhiteSpace(agent.Description))
        {
            yield return $"{AgentsOptions.Section}:{name}:Description is empty; it takes a sentence for people who choose an agent.";
        }

        foreach (var tool in agent.Approvals.Where(tool => !agent.MayApprove(tool)))
        {
            // A misspelt name would let the very tool run that somebody wanted to be asked about.
            yield return $"{AgentsOptions.Section}:{name}:Approvals names '{tool}', which is none of the agent's tools; it takes their "
                + "names, patterns of them such as files_*, or * for all.";
        }

        List<ValidationResult> results = [];
        if (!Validator.TryValidateObject(agent.Limits, new ValidationContext(agent.Limits), results, validateAllProperties: true))
        {
            foreach (var result in results)
            {
                yield return $"{AgentsOptions.Section}:{name}:Limits: {result.ErrorMessage}";
            }
        }
    }
}
