using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Owners;

/// <summary>The limits of an owner, over all sessions and servers, for every home: pure functions. A limit of 0 is none.</summary>
internal static class OwnerRules
{
    /// <summary>Whether places are counted at all.</summary>
    public static bool CountRuns(MessagingOptions limits) => limits.MaxRunsPerOwner > 0 || limits.MaxQueuedRunsPerOwner > 0;

    /// <summary>Whether what is over has to be told from what is not before anything can be refused.</summary>
    public static bool MayBeFull(IReadOnlyList<OwnedRun> runs, MessagingOptions limits)
        => IsReached(limits.MaxRunsPerOwner, runs.Count) || IsReached(limits.MaxQueuedRunsPerOwner, runs.Count - 1);

    /// <summary>The reason why a session gets no further run; <c>null</c>: it may have one.</summary>
    /// <param name="runs">The owner's runs that are not over.</param>
    /// <param name="sessionId">The session. One run of each session is under way at a time, and others wait for it.</param>
    /// <param name="limits">The limits.</param>
    public static EnqueueStatus? Refuse(IReadOnlyList<OwnedRun> runs, SessionId sessionId, MessagingOptions limits)
    {
        var busy = runs.Select(run => run.SessionId).ToHashSet();
        return busy.Contains(sessionId)
            ? IsReached(limits.MaxQueuedRunsPerOwner, runs.Count - busy.Count) ? EnqueueStatus.TooManyQueued : null
            : IsReached(limits.MaxRunsPerOwner, busy.Count) ? EnqueueStatus.TooManyRuns : null;
    }

    /// <summary>Whether a day's tokens or money are spent. A run that was begun goes on to its end.</summary>
    public static bool IsSpent(Spending spent, MessagingOptions limits)
        => (limits.MaxTokensPerDay > 0 && spent.Tokens >= limits.MaxTokensPerDay)
            || (limits.MaxMoneyPerDay > 0 && spent.Money >= limits.MaxMoneyPerDay);

    private static bool IsReached(int limit, int count) => limit > 0 && count >= limit;
}
