namespace AgentStream.Messaging.Embedded.Scheduling;

/// <summary>
/// The times at which open questions of sessions expire: a hint that the session itself confirms.
/// It may name a session without one, but never misses one.
/// </summary>
internal sealed class ExpiryIndex
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<SessionId, DateTimeOffset> _due = new();

    public void Add(SessionId sessionId, DateTimeOffset at)
    {
        lock (_gate)
        {
            _due.Enqueue(sessionId, at);
        }
    }

    /// <summary>Up to a thousand of those that may have an open question.</summary>
    public IReadOnlyList<SessionId> Sessions
    {
        get
        {
            lock (_gate)
            {
                return [.. _due.UnorderedItems.Select(item => item.Element).Distinct().Take(1_000)];
            }
        }
    }

    public SessionId? Take(DateTimeOffset now)
    {
        lock (_gate)
        {
            return _due.TryPeek(out var sessionId, out var at) && at <= now ? _due.Dequeue() : null;
        }
    }
}
