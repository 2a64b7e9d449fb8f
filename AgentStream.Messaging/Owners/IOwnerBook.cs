using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Owners;

/// <summary>What a home knows of owners beside their sessions.</summary>
/// <remarks>Each throws <see cref="StoreUnavailableException"/> where the store can't be reached.</remarks>
internal interface IOwnerBook
{
    /// <summary>Whether anybody wrote to a session.</summary>
    ValueTask<bool> HasSessionAsync(SessionId sessionId, CancellationToken cancellationToken);

    /// <summary>Counts an owner's sessions.</summary>
    ValueTask<long> CountSessionsAsync(PrincipalId owner, CancellationToken cancellationToken);

    /// <summary>The size of an owner's sessions, in bytes. May take as long as reading a line of each.</summary>
    ValueTask<long> MeasureSessionsAsync(PrincipalId owner, CancellationToken cancellationToken);

    /// <summary>What an owner's runs that ended on a day (UTC) have used: today's and yesterday's are kept.</summary>
    ValueTask<Spending> SpentAsync(PrincipalId owner, DateOnly day, CancellationToken cancellationToken);

    /// <summary>The runs of an owner.</summary>
    ValueTask<OwnerRuns> RunsAsync(PrincipalId owner, CancellationToken cancellationToken);

    /// <summary>Puts another list in the place of the one that was read. False: somebody else was faster.</summary>
    ValueTask<bool> TrySetRunsAsync(
        PrincipalId owner, OwnerRuns read, IReadOnlyList<OwnedRun> runs, CancellationToken cancellationToken);

    /// <summary>Whether a run is over, or gone with its session. The session itself says so.</summary>
    ValueTask<bool> IsOverAsync(OwnedRun run, CancellationToken cancellationToken);
}
