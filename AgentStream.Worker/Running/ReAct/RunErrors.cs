using System.Globalization;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>The reason why a run failed.</summary>
/// <param name="Code">Stable, snake_case, for programs.</param>
/// <param name="Message">For people: what happened and what to do.</param>
internal sealed record RunError(string Code, string Message);

/// <summary>The errors that end a run, in one place.</summary>
internal static class RunErrors
{
    public const string InDoubtCode = "in_doubt";

    public static RunError MaxIterations(int limit)
        => new(
            "max_iterations",
            $"The agent did not come to an answer within {limit} model replies. Ask a smaller question, or raise max_iterations.");

    public static RunError WallTime(AgentLimits limits)
        => new(
            "wall_time",
            $"The run took longer than its limit of {limits.WallTime:g}. Ask a smaller question, or raise the agent's WallTime.");

    public static RunError ToolTime(AgentLimits limits)
        => new(
            "tool_time",
            $"The tools of this run took longer than their limit of {limits.ToolTime:g}. Ask a smaller question, or raise the agent's "
                + "ToolTime.");

    public static RunError Tokens(AgentLimits limits)
        => new(
            "token_limit",
            $"The run used up its limit of {limits.MaxTokens} tokens. Ask a smaller question, or raise the agent's MaxTokens.");

    public static RunError Cost(decimal cost, decimal allowed)
        => new(
            "cost_limit",
            string.Create(
                CultureInfo.InvariantCulture,
                $"The run has cost {cost:0.####} of the {allowed:0.####} that it may. "
                    + $"Ask a smaller question, or raise the agent's MaxCost."));

    public static RunError Output(AgentLimits limits)
        => new(
            "output_limit",
            $"The model wrote more than the limit of {limits.OutputCharacters} characters. Ask for less, or raise the agent's "
                + "OutputCharacters.");

    public static RunError ContentFilter()
        => new("model_content_filter", "The model's provider stopped the reply because of its content rules. Ask in another way.");

    public static RunError NoRoomForAnswer()
        => new(
            "model_output_limit",
            "The model reached its limit of tokens before its reply was whole. Raise max_tokens, or ask a smaller question.");

    public static RunError TooManyCalls(int limit)
        => new(
            "model_too_many_calls",
            $"The model made more than {limit} tool calls in one reply, which makes no sense. Ask again, or choose another model.");

    public static RunError UnknownAgent(string name, IEnumerable<string> known)
        => new("unknown_agent", $"There is no agent called '{name}'. The agents are: {string.Join(", ", known)}.");

    public static RunError AttemptsExhausted(int attempts)
        => new(
            "attempts_exhausted",
            $"The run was given up after {attempts} attempts, each of which lost its worker. Ask again; if it happens again, the workers' "
                + "logs say why.");

    /// <summary>An agent that can't be looked into was under way when its worker was lost.</summary>
    public static RunError InDoubt(string agent)
        => new(
            InDoubtCode,
            $"The worker was lost while the agent {agent} worked. It is not known what it did until then, and it was not begun again. "
                + "Check before you ask again.");

    public static RunError Internal()
        => new("internal_error", "The run failed because of an error of ours. It was logged; asking again may help.");

    /// <summary>
    /// Describes what went wrong with a reply. No text of an exception reaches people, only of those that were written for them.
    /// </summary>
    public static RunError From(Exception? failure) => failure switch
    {
        null => new("model_empty_reply", "The model gave an empty reply. Ask again, or choose another model."),
        ModelStreamBrokenException { InnerException: ModelException { Refusal: not null } said } => new(
            "model_stream_broken", $"The reply broke off again and again before it was whole. {said.UserMessage}"),
        ModelStreamBrokenException => new(
            "model_stream_broken", "The connection to the model broke again and again before the reply was whole. Ask again later."),
        ModelException known => new(known.Code, known.UserMessage),
        _ => Internal(),
    };
}
