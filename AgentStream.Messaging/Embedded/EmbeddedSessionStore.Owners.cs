using System.Globalization;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Queue;
using Microsoft.Data.Sqlite;

namespace AgentStream.Messaging.Embedded;

/// <content>What is known of owners beside their sessions: what their runs have used on disk, which these are in memory.</content>
internal sealed partial class EmbeddedSessionStore : IOwnerBook
{
    private readonly Lock _owned = new();
    private readonly Dictionary<PrincipalId, OwnerRuns> _runsOfOwners = [];
    private readonly OwnerGate _gate;
    private long _lists;

    ValueTask<bool> IOwnerBook.HasSessionAsync(SessionId sessionId, CancellationToken cancellationToken)
        => ValueTask.FromResult(OfOwner(() => _database!.Contains(sessionId)));

    ValueTask<long> IOwnerBook.CountSessionsAsync(PrincipalId owner, CancellationToken cancellationToken)
        => ValueTask.FromResult(OfOwner(() => _database!.Count(owner)));

    ValueTask<long> IOwnerBook.MeasureSessionsAsync(PrincipalId owner, CancellationToken cancellationToken)
        => ValueTask.FromResult(OfOwner(() => _database!.Measure(owner)));

    ValueTask<Spending> IOwnerBook.SpentAsync(PrincipalId owner, DateOnly day, CancellationToken cancellationToken)
        => ValueTask.FromResult(OfOwner(() => _database!.Spent(owner, day)));

    /// <inheritdoc />
    public ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(DaySpending.Of(OfOwner(() => _database!.Spent(owner, Spending.DayOf(_timeProvider.GetUtcNow())))));

    ValueTask<OwnerRuns> IOwnerBook.RunsAsync(PrincipalId owner, CancellationToken cancellationToken)
    {
        lock (_owned)
        {
            return ValueTask.FromResult(RunsOf(owner));
        }
    }

    ValueTask<bool> IOwnerBook.TrySetRunsAsync(
        PrincipalId owner, OwnerRuns read, IReadOnlyList<OwnedRun> runs, CancellationToken cancellationToken)
    {
        lock (_owned)
        {
            if (RunsOf(owner).Mark != read.Mark)
            {
                return ValueTask.FromResult(false);
            }

            SetRuns(owner, runs);
            return ValueTask.FromResult(true);
        }
    }

    ValueTask<bool> IOwnerBook.IsOverAsync(OwnedRun run, CancellationToken cancellationToken)
        => ValueTask.FromResult(Read(
            run.SessionId, slot => Use(slot)!.Ledger.State.Unfinished.All(other => other.RunId != run.RunId), _ => true));

    /// <summary>At the start: the runs that go on have their places.</summary>
    private void NoteRuns(SessionSlot slot)
    {
        if (!OwnerRules.CountRuns(_messaging) || slot.State?.Ledger.State is not { } state)
        {
            return;
        }

        lock (_owned)
        {
            SetRuns(
                state.Owner,
                [.. RunsOf(state.Owner).Runs, .. state.Unfinished.Select(run => new OwnedRun(run.RunId, slot.SessionId))]);
        }
    }

    private OwnerRuns RunsOf(PrincipalId owner) => _runsOfOwners.GetValueOrDefault(owner) ?? new OwnerRuns([], "");

    private void SetRuns(PrincipalId owner, IReadOnlyList<OwnedRun> runs)
        => _runsOfOwners[owner] = new OwnerRuns(runs, (++_lists).ToString(CultureInfo.InvariantCulture));

    private T OfOwner<T>(Func<T> read)
    {
        ThrowIfClosed();
        try
        {
            return read();
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException("What is known of an owner can't be read.", exception);
        }
    }
}
