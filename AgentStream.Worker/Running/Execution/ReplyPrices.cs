using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// Puts what each reply has cost into the event that counts its tokens, and into its last step, whoever asked for the reply:
/// the loop, a summary, another agent.
/// </summary>
internal static class ReplyPrices
{
    public static LoopOutput Put(LoopOutput output, Func<TokenUsage, decimal?> priceOf) => output switch
    {
        LoopCommit commit => commit with { Events = Put(commit.Events, priceOf) },
        LoopPark park => park with { Events = Put(park.Events, priceOf) },
        LoopEnd end => end with { Events = Put(end.Events, priceOf) },
        _ => output,
    };

    private static IReadOnlyList<SessionEvent> Put(IReadOnlyList<SessionEvent> events, Func<TokenUsage, decimal?> priceOf)
    {
        var costs = events.OfType<UsageReported>().Select(usage => (usage.StepId, Cost: priceOf(usage.ToUsage()))).ToList();
        if (costs.Count == 0)
        {
            return events;
        }

        var next = 0;
        return
        [
            .. events.Select(e => e switch
            {
                UsageReported usage => usage with { Cost = costs[next++].Cost },
                ReasoningStep step => step with { Cost = costs.Find(one => one.StepId == step.StepId).Cost },
                _ => e,
            }),
        ];
    }
}
