namespace AgentStream.Messaging.Owners;

/// <summary>A run of an owner that is not over, as far as anybody has noticed.</summary>
/// <param name="RunId">The run.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="UndecidedUntil">
/// The time until which whoever has taken the place may still be putting the run into its session; <c>null</c>: it is there.
/// </param>
internal sealed record OwnedRun(RunId RunId, SessionId SessionId, DateTimeOffset? UndecidedUntil = null);

/// <summary>The runs of an owner: an index, which may name some that are over.</summary>
/// <param name="Runs">The runs, in the order in which they came.</param>
/// <param name="Mark">What tells it from the same list after another write. Each home has its own.</param>
internal sealed record OwnerRuns(IReadOnlyList<OwnedRun> Runs, string Mark);
