using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Session;

/// <summary>What a session tells of its runs that are not over.</summary>
internal static class LiveRunRules
{
    /// <param name="sessionId">The session.</param>
    /// <param name="state">The state.</param>
    /// <param name="requestOf">What was asked of a run that is not over; <c>null</c>: that is not known.</param>
    /// <param name="leaseUntil">The end of the lease, where there is one.</param>
    /// <param name="title">The title, for its owner; <c>null</c>: somebody else asks.</param>
    /// <returns>The run under way, then those that wait for their turn.</returns>
    public static IReadOnlyList<LiveRun> Of(
        SessionId sessionId, LedgerState state, Func<RunId, RunRequest?> requestOf, DateTimeOffset leaseUntil, string? title)
    {
        List<LiveRun> live = [];
        if (state.Started is { } started)
        {
            var run = Started(Waiting(started.Known), started);
            live.Add(run with
            {
                LeaseUntil = run.Status == MessageStatus.Running ? leaseUntil : null,
                Approvals = title is not null && run.Status == MessageStatus.Waiting ? [.. started.Open.Select(Pending)] : null,
            });
        }

        live.AddRange(state.Waiting.Select(waiting => Waiting(waiting.Known)));
        return live;

        LiveRun Waiting(KnownRun run)
        {
            var request = requestOf(run.RunId);
            return new LiveRun
            {
                SessionId = sessionId,
                RunId = run.RunId,
                Owner = state.Owner,
                AgentName = request?.AgentName ?? "",
                Status = MessageStatus.Queued,
                Since = request?.QueuedAt,
                CancelRequested = run.CancelRequested,
                Title = title,
            };
        }
    }

    private static PendingApproval Pending(ToolApprovalRequired question) => new()
    {
        ToolCallId = question.ToolCallId,
        ToolName = question.ToolName,
        Arguments = question.Arguments,
        ExpiresAt = question.ExpiresAt,
        ClientTool = question.ClientTool,
    };

    // One that was handed back, or whose questions are answered, waits for a worker again.
    private static LiveRun Started(LiveRun waiting, ClaimedRun run)
    {
        var claimed = waiting with { Worker = run.Worker, Attempt = Math.Max(1, run.Claims - run.Releases) };
        return run.IsWaiting ? claimed with { Status = MessageStatus.Waiting, Since = run.ParkedAt }
            : run.IsParked || run.Known.Token == 0 ? claimed
            : claimed with { Status = MessageStatus.Running, Since = run.FirstStartedAt };
    }
}
