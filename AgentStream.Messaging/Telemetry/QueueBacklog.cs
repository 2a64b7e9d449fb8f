namespace AgentStream.Messaging.Telemetry;

/// <summary>Counts of what waits for a worker, or for a person.</summary>
/// <param name="Sessions">Sessions with a run to claim.</param>
/// <param name="Oldest">For how long the first of them has waited; zero where none does.</param>
/// <param name="Parked">Sessions whose run waits for a person, as far as they are counted.</param>
internal readonly record struct QueueBacklog(long Sessions, TimeSpan Oldest, long Parked);

/// <summary>A home of the queue that can say what waits in it.</summary>
internal interface IQueueBacklog
{
    /// <summary>Looks once, at the index and not at each session: it may count one that has nothing to do any more.</summary>
    /// <exception cref="Log.StoreUnavailableException">The store can't be reached.</exception>
    ValueTask<QueueBacklog> GetBacklogAsync(CancellationToken cancellationToken);
}
