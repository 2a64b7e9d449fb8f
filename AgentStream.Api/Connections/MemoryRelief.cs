namespace AgentStream.Api.Connections;

/// <summary>
/// Gives memory back to the system when many clients have come or gone and it is quiet again: what they left behind on their way
/// stays with the process otherwise, because an idle one allocates too little for the collector to look.
/// </summary>
/// <remarks>
/// When 10,000 sockets had left, 15 kB each stayed without it, and 3.5 with it (docs/decisions/0015-one-push-loop.md).
/// Not safe for several threads.
/// </remarks>
internal sealed class MemoryRelief(Action collect)
{
    /// <summary>Fewer clients are not worth a collection.</summary>
    private const int Many = 1000;

    private int _collectedAt;
    private int _before;

    public MemoryRelief()
        : this(static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true))
    {
    }

    /// <summary>Looks how many clients there are, once a second or so.</summary>
    public void Look(int clients)
    {
        var change = Math.Abs(clients - _collectedAt);
        var isQuiet = Math.Abs(clients - _before) < Many / 20;
        _before = clients;
        if (isQuiet && change >= Many && change >= _collectedAt / 4)
        {
            _collectedAt = clients;
            collect();
        }
    }
}
