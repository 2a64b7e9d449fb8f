namespace AgentStream.Messaging.Embedded;

/// <summary>Where a claim may succeed: a hint that the slot itself confirms. It may name a session in vain, but never misses one.</summary>
internal sealed class ClaimIndex(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(SessionSlot Slot, long Since)> _ready = [];
    private readonly HashSet<SessionSlot> _isReady = [];
    private readonly PriorityQueue<(SessionSlot Slot, long Token), DateTimeOffset> _leases = new();

    /// <summary>How many sessions are to be tried, and since when the first of them (a timestamp).</summary>
    public (int Count, long? Since) Ready
    {
        get
        {
            lock (_gate)
            {
                return (_ready.Count, _ready.TryPeek(out var first) ? first.Since : null);
            }
        }
    }

    /// <summary>A run of the session is to be had. False: that was known already.</summary>
    public bool AddReady(SessionSlot slot)
    {
        lock (_gate)
        {
            if (!_isReady.Add(slot))
            {
                return false;
            }

            _ready.Enqueue((slot, time.GetTimestamp()));
            return true;
        }
    }

    /// <summary>A run was claimed; it is to be had again when its lease ends.</summary>
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

            if (_ready.TryDequeue(out var ready))
            {
                _isReady.Remove(ready.Slot);
                return ready.Slot;
            }

            return null;
        }
    }
}
