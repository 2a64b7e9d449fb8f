using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Telemetry;

/// <summary>The queue as everybody sees it: each run carries its trace to whoever claims it, and what happens is counted.</summary>
/// <param name="queue">The home.</param>
/// <param name="system">Its name in telemetry.</param>
/// <param name="time">The clock.</param>
internal sealed class TracedRunQueue(IRunQueue queue, StoreSystem system, TimeProvider time) : IRunQueue
{
    public async ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        using var activity = MessagingTelemetry.StartSend(system, request);
        var sent = request with { QueuedAt = time.GetUtcNow() };
        if (activity is not null)
        {
            sent = sent with { Traceparent = activity.Id, Tracestate = activity.TraceStateString };
        }

        try
        {
            var result = await queue.EnqueueAsync(sent, cancellationToken);
            activity?.SetTag("agentstream.enqueue.status", result.Status.ToString());
            if (result.Status == EnqueueStatus.Accepted)
            {
                MessagingTelemetry.RunsQueued.Add(1);
            }

            return result;
        }
        catch (StoreUnavailableException exception)
        {
            MessagingTelemetry.Fail(activity, exception);
            throw;
        }
    }

    public ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
        => queue.FindAsync(request, cancellationToken);

    public async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
    {
        // Most claims find nothing: only a claim that succeeds makes a span.
        if (await queue.ClaimAsync(worker, cancellationToken) is not { } claim)
        {
            return null;
        }

        if (claim is { ClaimNumber: 1, Request.QueuedAt: { } queuedAt })
        {
            MessagingTelemetry.QueueTime.Record(Math.Max(0, (time.GetUtcNow() - queuedAt).TotalSeconds));
        }

        if (claim.Attempt > 1)
        {
            MessagingTelemetry.Takeovers.Add(1);
        }

        return claim with { Processing = MessagingTelemetry.StartProcess(system, claim) };
    }

    public ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
        => queue.RenewAsync(lease, cancellationToken);

    public async ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
    {
        var startedAt = time.GetTimestamp();
        var result = await queue.FinishAsync(append, finished, cancellationToken);
        if (result.Status == AppendStatus.Appended)
        {
            MessagingTelemetry.AppendDuration.Record(time.GetElapsedTime(startedAt).TotalSeconds);
            AppendedEntries.Count(append.Events);
            MessagingTelemetry.RunsFinished.Add(1, MessagingTelemetry.Outcome(finished.Status));
        }

        return result;
    }

    public async ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(park);
        var startedAt = time.GetTimestamp();
        var result = await queue.ParkAsync(park, cancellationToken);
        if (result.Status == AppendStatus.Appended)
        {
            MessagingTelemetry.AppendDuration.Record(time.GetElapsedTime(startedAt).TotalSeconds);
            AppendedEntries.Count(park.Append.Events);
        }

        return result;
    }

    public async ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
    {
        var result = await queue.AnswerAsync(answer, cancellationToken);
        if (result.Status == AnswerStatus.Accepted && answer.Result is null)
        {
            MessagingTelemetry.ApprovalsAnswered.Add(1, MessagingTelemetry.Approval(answer.Approved));
        }

        return result;
    }

    public ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
        => queue.ReadSteeringAsync(lease, cancellationToken);

    public ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
        => queue.ReleaseAsync(lease, cancellationToken);

    public async ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        var result = await queue.CancelAsync(sessionId, runId, by, owner, cancellationToken);
        if (result.Status == CancelStatus.Cancelled)
        {
            MessagingTelemetry.RunsFinished.Add(1, MessagingTelemetry.Outcome(RunStatus.Cancelled));
        }

        return result;
    }

    public ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
        => queue.ListLiveAsync(query, cancellationToken);

    public ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
        => queue.SpentTodayAsync(owner, cancellationToken);

    public IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default) => queue.ListenAsync(cancellationToken);
}
