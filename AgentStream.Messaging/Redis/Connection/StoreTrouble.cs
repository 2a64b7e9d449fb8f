namespace AgentStream.Messaging.Redis.Connection;

/// <summary>
/// When the store, or a node of a cluster, was away.
/// For as long as a lease lasts after that, a lease that has run out says nothing about its worker, which could not renew it.
/// </summary>
/// <remarks>
/// A call that fails between others that don't is no outage: on a store that is only slow,
/// runs of dead workers have to be taken over all the same.
/// On a cluster an outage is of those slots that the node had: what other nodes answer says nothing of it,
/// and whoever has the slots afterwards ends it.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="leaseDuration">How long a lease lasts.</param>
internal sealed class StoreTrouble(TimeProvider time, TimeSpan leaseDuration)
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _shortest = leaseDuration / 4;
    private volatile Outage[] _outages = [];

    /// <summary>Nothing was away lately: an answer is no news.</summary>
    public bool IsCalm => _outages.Length == 0;

    /// <summary>Whether the last call to this slot's node failed.</summary>
    public bool IsAway(int slot) => _outages.Any(outage => outage.EndedAt is null && outage.Slots.Contains(slot));

    /// <summary>The time for which to leave runs of others alone whose session is in this slot.</summary>
    /// <param name="slot">The slot; below 0 where there is no cluster.</param>
    public TimeSpan PatienceFor(int slot)
    {
        var patience = TimeSpan.Zero;
        foreach (var outage in _outages)
        {
            if (outage.Slots.Contains(slot) && PatienceAfter(outage) is var left && left > patience)
            {
                patience = left;
            }
        }

        return patience;
    }

    /// <param name="slot">The slot that was asked.</param>
    /// <param name="sharers">The slots that are where this one is, as far as is known.</param>
    public void NoteFailure(int slot, Func<int, SlotSet> sharers)
    {
        if (IsAway(slot))
        {
            return;
        }

        var slots = sharers(slot);
        lock (_gate)
        {
            if (!IsAway(slot))
            {
                _outages = [.. _outages.Where(IsOfUse), new Outage(slots, time.GetTimestamp(), null)];
            }
        }
    }

    public void NoteAnswer(int slot)
    {
        if (!IsAway(slot))
        {
            return;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            _outages =
            [
                .. _outages
                    .Select(outage => outage.EndedAt is null && outage.Slots.Contains(slot) ? outage with { EndedAt = now } : outage)
                    .Where(IsOfUse),
            ];
        }
    }

    private bool IsOfUse(Outage outage)
        => outage.EndedAt is not { } ended
            || (time.GetElapsedTime(outage.Since, ended) >= _shortest && PatienceAfter(outage) > TimeSpan.Zero);

    private TimeSpan PatienceAfter(Outage outage)
    {
        if (outage.EndedAt is not { } ended)
        {
            // The next call may be the first that is answered.
            return time.GetElapsedTime(outage.Since) >= _shortest ? leaseDuration : TimeSpan.Zero;
        }

        var left = leaseDuration - time.GetElapsedTime(ended);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private sealed record Outage(SlotSet Slots, long Since, long? EndedAt);
}
