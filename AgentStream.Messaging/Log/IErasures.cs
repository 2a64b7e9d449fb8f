namespace AgentStream.Messaging.Log;

/// <summary>
/// The sessions that were erased, for whoever keeps something of a session outside of the store, on a machine that may have been off.
/// Of a session nothing is remembered but its id, for <see cref="Remembered"/>.
/// </summary>
internal interface IErasures
{
    /// <summary>The time for which it is remembered that a session was erased.</summary>
    static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    /// <summary>Says of those of these sessions that were erased when that was, the last time.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    ValueTask<IReadOnlyDictionary<SessionId, DateTimeOffset>> FindAsync(
        IReadOnlyList<SessionId> sessions, CancellationToken cancellationToken = default);
}
