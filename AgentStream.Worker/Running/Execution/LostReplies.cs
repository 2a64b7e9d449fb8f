using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Execution;

/// <summary>Counts what a worker that was lost had paid for: its reply is asked for again, and both are counted.</summary>
internal static class LostReplies
{
    /// <summary>Estimated, since its provider's figures were lost with it; null where the lost attempt was in no reply.</summary>
    public static ReplyWasted? Cost(RunDescription run, RunState state)
    {
        var texts = run.Unsettled.Where(step => step.StepType is DeltaType.Thought or DeltaType.Answer)
            .Select(step => step.Content)
            .ToList();
        var characters = texts.Sum(text => text.Length);
        if (characters == 0)
        {
            return null;
        }

        var usage = UsageEstimator.Estimate(
            PromptBuilder.Build(run.Agent, run.Request, History.MessagesOf(run, state), state, run.Attached), null,
            texts.Sum(UsageEstimator.SizeOf));
        return new ReplyWasted(
            new TokenUsage
            {
                InputTokens = usage.InputTokenCount ?? 0,
                OutputTokens = usage.OutputTokenCount ?? 0,
                TotalTokens = usage.TotalTokenCount ?? 0,
                Estimated = true,
                Model = run.Model,
            },
            characters);
    }

    public static UsageReported Report(ReplyWasted lost, int iteration) => new()
    {
        Iteration = iteration,
        InputTokens = lost.Usage.InputTokens,
        OutputTokens = lost.Usage.OutputTokens,
        TotalTokens = lost.Usage.TotalTokens,
        Estimated = true,
        Model = lost.Usage.Model,
    };
}
