using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// The number of tokens that a prompt may take: what the model takes in, less room for its reply, or what a refusal has taught.
/// </summary>
internal static class PromptWindow
{
    private const int MaxReplyTokens = 4_096;

    public static long Of(RunDescription run, RunState state)
    {
        long window = run.ContextTokens - Math.Min(run.Request.MaxTokens ?? MaxReplyTokens, run.ContextTokens / 4);
        return Learnt(run, state) is { } learnt ? Math.Min(window, learnt.Tokens) : window;
    }

    /// <summary>
    /// The newest lesson, of this run or an earlier one, about this model; not one from before its size was configured anew.
    /// </summary>
    public static LearntWindow? Learnt(RunDescription run, RunState state)
        => run.Turns.Reverse().Select(turn => turn.State.Condensed?.Window).Prepend(state.Condensed?.Window)
            .FirstOrDefault(one => one is not null && one.Model == run.Model && one.ContextTokens == run.ContextTokens);
}
