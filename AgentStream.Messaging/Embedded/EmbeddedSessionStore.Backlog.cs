using AgentStream.Messaging.Telemetry;

namespace AgentStream.Messaging.Embedded;

/// <content>For people who watch.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <inheritdoc />
    public ValueTask<QueueBacklog> GetBacklogAsync(CancellationToken cancellationToken)
    {
        var (sessions, since) = _claims.Ready;
        var parked = _expiries.Sessions.Count(IsParked);
        return ValueTask.FromResult(
            new QueueBacklog(sessions, since is { } first ? _timeProvider.GetElapsedTime(first) : TimeSpan.Zero, parked));
    }

    private bool IsParked(SessionId sessionId)
    {
        if (!_slots.TryGetValue(sessionId, out var slot))
        {
            return false;
        }

        lock (slot.Gate)
        {
            return slot.State?.Ledger.NextExpiry is not null;
        }
    }
}
