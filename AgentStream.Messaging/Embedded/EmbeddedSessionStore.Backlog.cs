using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Telemetry;
using Microsoft.Data.Sqlite;

namespace AgentStream.Messaging.Embedded;

/// <content>For people who watch.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <inheritdoc />
    public ValueTask<QueueBacklog> GetBacklogAsync(CancellationToken cancellationToken)
    {
        var (sessions, since) = _claims.Ready;
        var parked = _expiries.Sessions.Count(IsParked);
        return ValueTask.FromResult(
            new QueueBacklog(sessions, since is { } first ? _timeProvider.GetElapsedTime(first) : TimeSpan.Zero, parked));
    }

    /// <inheritdoc />
    public async ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(query);
        query.Check();
        IReadOnlyList<SessionId> busy;
        try
        {
            // One more than asked for tells whether there is a next page.
            busy = _database!.Busy(query.AfterId, query.Sessions + 1, query.Owner?.Value ?? "");
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException("The runs that are not over can't be looked for.", exception);
        }

        var shown = busy.Take(query.Sessions).ToList();
        var runs = new List<LiveRun>();
        foreach (var sessionId in shown)
        {
            runs.AddRange(await ExecuteAsync<IReadOnlyList<LiveRun>>(
                sessionId, create: false, absent: [], (slot, _) => LiveRunsOf(slot, query.Owner), cancellationToken));
        }

        return new LiveRunPage(runs, busy.Count > shown.Count ? shown[^1] : null);
    }

    // A session that was erased and begun by somebody else meanwhile is theirs.
    private IReadOnlyList<LiveRun> LiveRunsOf(SessionSlot slot, PrincipalId? owner)
        => owner is { } asking && slot.State!.Ledger.State.Owner != asking
            ? []
            : slot.State!.Ledger.LiveRuns(LeaseUntil(slot), owner is null ? null : slot.State.View.Head.Title ?? "");

    // Leases have a clock of their own, which nobody can set; with the process before this one all leases ended.
    private DateTimeOffset LeaseUntil(SessionSlot slot)
        => _timeProvider.GetUtcNow()
            + (slot.State!.Ledger.State.Started?.Known.Token is { } token and > 0 && token == slot.LeaseToken
                ? slot.LeaseEnd - LeaseNow()
                : TimeSpan.Zero);

    private bool IsParked(SessionId sessionId)
    {
        if (!_slots.TryGetValue(sessionId, out var slot))
        {
            return false;
        }

        lock (slot.Gate)
        {
            return slot.State?.Ledger.NextExpiry is not null;
        }
    }
}
