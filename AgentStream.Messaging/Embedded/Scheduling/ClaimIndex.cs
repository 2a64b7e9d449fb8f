using AgentStream.Messaging.Embedded.Sessions;

namespace AgentStream.Messaging.Embedded.Scheduling;

/// <summary>
/// The sessions in which a claim may succeed: a hint that the slot itself confirms.
/// It may name a session without a run to claim, but never misses one.
/// </summary>
internal sealed class ClaimIndex(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(SessionSlot Slot, long Since)> _ready = [];
    private readonly Dictionary<SessionSlot, LinkedListNode<(SessionSlot Slot, long Since)>> _places = [];
    private readonly PriorityQueue<(SessionSlot Slot, long Token), DateTimeOffset> _leases = new();

    /// <summary>The number of sessions to try, and since when the first of them waits (a timestamp).</summary>
    public (int Count, long? Since) Ready
    {
        get
        {
            lock (_gate)
            {
                return (_ready.Count, _ready.First?.Value.Since);
            }
        }
    }

    /// <summary>Notes that a run of the session can be claimed. False: that was known already.</summary>
    public bool AddReady(SessionSlot slot)
    {
        lock (_gate)
        {
            if (_places.ContainsKey(slot))
            {
                return false;
            }

            _places.Add(slot, _ready.AddLast((slot, time.GetTimestamp())));
            return true;
        }
    }

    /// <summary>The session leaves memory: whoever cancels without a worker that asks would otherwise fill this.</summary>
    public void Forget(SessionSlot slot)
    {
        lock (_gate)
        {
            if (_places.Remove(slot, out var place))
            {
                _ready.Remove(place);
            }
        }
    }

    /// <summary>Notes that a run was claimed; it can be claimed again when its lease ends.</summary>
    public void AddLease(SessionSlot slot, long token, DateTimeOffset end)
    {
        lock (_gate)
        {
            _leases.Enqueue((slot, token), end);
        }
    }

    /// <summary>The next session to try: first those whose lease has run out, whose people have waited longest.</summary>
    public SessionSlot? Take(DateTimeOffset now)
    {
        lock (_gate)
        {
            while (_leases.TryPeek(out var lease, out var end) && end <= now)
            {
                _leases.Dequeue();
                var (slot, token) = lease;
                if (slot.LeaseToken != token)
                {
                    continue;
                }

                if (slot.LeaseEnd > now)
                {
                    // Renewed since.
                    _leases.Enqueue(lease, slot.LeaseEnd);
                    continue;
                }

                return slot;
            }

            if (_ready.First is not { Value.Slot: var ready })
            {
                return null;
            }

            _ready.RemoveFirst();
            _places.Remove(ready);
            return ready;
        }
    }
}
