using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>Slots of a cluster that are on one node, or all there is.</summary>
internal sealed class SlotSet
{
    private readonly (int From, int Through)[] _ranges;

    private SlotSet(params (int From, int Through)[] ranges) => _ranges = ranges;

    /// <summary>All of a server that is no cluster.</summary>
    public static SlotSet All { get; } = new((int.MinValue, int.MaxValue));

    public static SlotSet Of(params (int From, int Through)[] ranges) => new(ranges);

    /// <summary>The slots that are on the node which has this one, as the client knows the cluster; all without a cluster.</summary>
    public static SlotSet With(IConnectionMultiplexer multiplexer, int slot)
    {
        if (slot < 0)
        {
            return All;
        }

        foreach (var server in multiplexer.GetServers())
        {
            // What one node says of all: the one that is away can't say anything, and its slots are where they were.
            if (server.ClusterConfiguration?.GetBySlot(slot)?.Slots is { Count: > 0 } slots)
            {
                return new([.. slots.Select(range => (range.From, range.To))]);
            }
        }

        return new((slot, slot));
    }

    public bool Contains(int slot)
    {
        foreach (var (from, through) in _ranges)
        {
            if (slot >= from && slot <= through)
            {
                return true;
            }
        }

        return false;
    }
}
