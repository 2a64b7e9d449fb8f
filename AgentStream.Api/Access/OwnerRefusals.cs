using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Api.Access;

/// <summary>What callers are told who have all that one may have, over all servers.</summary>
internal static class OwnerRefusals
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UntilRoomIsSeen = TimeSpan.FromMinutes(1);

    /// <summary>The refusal that a status stands for; <c>null</c>: it is about no limit of an owner.</summary>
    /// <param name="status">What the queue answered.</param>
    /// <param name="messageId">The message.</param>
    /// <param name="now">The time. A day ends at midnight, UTC.</param>
    public static Refusal? Of(EnqueueStatus status, MessageId messageId, DateTimeOffset now) => status switch
    {
        EnqueueStatus.TooManyRuns => new Refusal(
            ErrorCodes.RunLimit, "You have runs under way in as many sessions as one may have: send this again when one of them is over.",
            messageId, Pause),
        EnqueueStatus.TooManyQueued => new Refusal(
            ErrorCodes.QueueFull, "Too many of your messages wait, in all of your sessions: send this again when some are done.",
            messageId, Pause),
        EnqueueStatus.TooManySessions => new Refusal(
            ErrorCodes.SessionLimit, "You have as many sessions as one may have: erase one, or go on in one that you have.",
            messageId, UntilRoomIsSeen),
        EnqueueStatus.TooManyBytes => new Refusal(
            ErrorCodes.StorageLimit, "Your sessions take as much room as one may have: erase some, and send this again after a minute.",
            messageId, UntilRoomIsSeen),
        EnqueueStatus.DaySpent => new Refusal(
            ErrorCodes.BudgetSpent, "You have used what one may use on a day: send this again after midnight, UTC.",
            messageId, new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero) - now),
        _ => null,
    };
}
