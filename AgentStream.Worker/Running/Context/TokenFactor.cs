using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// By how much the model counts more tokens than we estimate: what its provider said of the last prompt that is large enough to tell,
/// in this run or in an earlier one of the session.
/// </summary>
internal static class TokenFactor
{
    /// <summary>The provider's own additions make much of a small prompt.</summary>
    private const long LeastTokens = 500;

    private const double Highest = 8;

    /// <summary>Never below 1: an estimate that is too high costs room, one that is too low costs the reply.</summary>
    public static double Of(RunDescription run, RunState state)
    {
        foreach (var reply in state.Replies.Reverse().Concat(run.Turns.Reverse().SelectMany(turn => turn.State.Replies.Reverse())))
        {
            if (reply is { PromptTokens: >= LeastTokens and var estimated, Usage: { Estimated: false, InputTokens: > 0 } usage }
                && usage.Model == run.Model)
            {
                return Math.Clamp((double)usage.InputTokens / estimated, 1, Highest);
            }
        }

        return 1;
    }
}
