using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Telemetry;

/// <summary>
/// The log as everybody sees it: appends are counted and timed, and the first entry of an attempt carries its trace to those who follow.
/// </summary>
/// <param name="log">The home.</param>
/// <param name="system">Its name in telemetry.</param>
/// <param name="time">The clock.</param>
internal sealed class MeasuredSessionLog(ISessionLog log, StoreSystem system, TimeProvider time) : ISessionLog
{
    public ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => log.GetHeadAsync(sessionId, cancellationToken);

    public ValueTask<LogBatch> ReadAsync(SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
        => log.ReadAsync(sessionId, cursor, maxEntries, cancellationToken);

    public IAsyncEnumerable<LogBatch> FollowAsync(SessionId sessionId, Cursor cursor, CancellationToken cancellationToken = default)
        => log.FollowAsync(sessionId, cursor, cancellationToken);

    public ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => log.SnapshotAsync(sessionId, cancellationToken);

    public ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
        => log.ReadTranscriptAsync(sessionId, before, limit, cancellationToken);

    public async ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        using var activity = append.Events is [RunStarted, ..] ? MessagingTelemetry.StartAppend(system, append.Lease) : null;
        if (activity is not null)
        {
            append = append with
            {
                Events = [(RunStarted)append.Events[0] with
                {
                    Traceparent = activity.Id,
                    Tracestate = activity.TraceStateString,
                }, .. append.Events.Skip(1)],
            };
        }

        var startedAt = time.GetTimestamp();
        try
        {
            var result = await log.AppendAsync(append, cancellationToken);
            if (result.Status == AppendStatus.Appended)
            {
                MessagingTelemetry.AppendDuration.Record(time.GetElapsedTime(startedAt).TotalSeconds);
                AppendedEntries.Count(append.Events);
                if (append.Events.Any(e => e is MessageSteered))
                {
                    // The run that the message was queued for is over with it.
                    MessagingTelemetry.RunsFinished.Add(1, MessagingTelemetry.Outcome(RunStatus.Completed));
                }
            }

            return result;
        }
        catch (StoreUnavailableException exception)
        {
            MessagingTelemetry.Fail(activity, exception);
            throw;
        }
    }

    public ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => log.RenameAsync(sessionId, title, owner, cancellationToken);

    public ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => log.EraseAsync(sessionId, owner, cancellationToken);

    public ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
        => log.ListAsync(query, cancellationToken);
}
