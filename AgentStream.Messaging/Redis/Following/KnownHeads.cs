namespace AgentStream.Messaging.Redis.Following;

/// <summary>
/// The furthest offset of each session that Redis told this process of.
/// A server that has less has lost data: it was restarted without its last writes, or a replica that lacked them took over.
/// </summary>
/// <remarks>Bounded: two generations of sessions; when the younger is full, the older is forgotten.</remarks>
internal sealed class KnownHeads(int generation = 8192)
{
    private readonly Lock _gate = new();
    private Dictionary<SessionId, (Epoch Epoch, Offset Last)> _young = [];
    private Dictionary<SessionId, (Epoch Epoch, Offset Last)> _old = [];

    public void Observe(SessionId sessionId, Epoch epoch, Offset last)
    {
        lock (_gate)
        {
            if (Find(sessionId) is { } known && known.Epoch == epoch && known.Last >= last)
            {
                return;
            }

            if (_young.Count >= generation)
            {
                (_old, _young) = (_young, []);
            }

            _young[sessionId] = (epoch, last);
        }
    }

    public (Epoch Epoch, Offset Last)? Get(SessionId sessionId)
    {
        lock (_gate)
        {
            return Find(sessionId);
        }
    }

    public void Forget(SessionId sessionId)
    {
        lock (_gate)
        {
            _young.Remove(sessionId);
            _old.Remove(sessionId);
        }
    }

    private (Epoch Epoch, Offset Last)? Find(SessionId sessionId)
        => _young.TryGetValue(sessionId, out var known) || _old.TryGetValue(sessionId, out known) ? known : null;
}
