using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// Puts what each reply has cost into the event that counts its tokens, whoever asked for the reply: the loop, a summary, another agent.
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
        => events.Any(e => e is UsageReported)
            ? [.. events.Select(e => e is UsageReported usage ? usage with { Cost = priceOf(usage.ToUsage()) } : e)]
            : events;
}
