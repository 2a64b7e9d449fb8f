using System.Runtime.CompilerServices;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Transcript;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>What readers and runs do.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <inheritdoc />
    public ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        return ValueTask.FromResult(Head(sessionId));
    }

    /// <inheritdoc />
    public ValueTask<LogBatch> ReadAsync(SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEntries, 1);
        return ValueTask.FromResult(Read(
            sessionId, slot => Use(slot)!.View.Read(cursor, maxEntries), epoch => ReadNothing(sessionId, epoch, cursor)));
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var slot = Join(sessionId);
        try
        {
            while (true)
            {
                LogBatch? batch = null;
                Task changed;
                lock (slot.Gate)
                {
                    ThrowIfClosed();
                    if (!slot.Removed)
                    {
                        batch = Use(slot) is { } state && slot.Head is not null
                            ? state.View.Read(cursor, int.MaxValue)
                            : ReadNothing(sessionId, slot.FreshEpoch, cursor);
                    }

                    changed = slot.Changed;
                }

                if (batch is null)
                {
                    // Erased: what is followed does not leave memory.
                    var head = Head(sessionId);
                    batch = new LogBatch(head.Epoch, head.LastSeq, [], ResyncReason.Epoch);
                }

                if (batch.Resync is not null)
                {
                    yield return batch;
                    yield break;
                }

                if (batch.Entries.Count > 0)
                {
                    cursor = new Cursor(batch.Epoch, batch.Entries[^1].Offset);
                    yield return batch;
                }
                else
                {
                    // Proven just now: from here on it stands in the epoch that goes on from its own.
                    cursor = new Cursor(batch.Epoch, cursor.After);
                    await changed.WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            lock (slot.Gate)
            {
                slot.Followers--;
                DropIfUnused(slot);
            }
        }
    }

    /// <inheritdoc />
    public ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        // The bytes are made outside the gate, once for all who wait for them.
        var snapshot = Read<Lazy<SessionSnapshot>?>(sessionId, slot => Use(slot)!.View.Snapshot(_messaging.SnapshotMessages), _ => null);
        return ValueTask.FromResult(snapshot?.Value ?? SessionSnapshot.Of(EmptySnapshot(sessionId)));
    }

    /// <inheritdoc />
    public ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return ValueTask.FromResult(Read(
            sessionId,
            slot => Use(slot)!.View.ReadTranscript(before, limit),
            epoch => new TranscriptPage(EmptyHead(sessionId, epoch), [], false)));
    }

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        return WriteAsync(append, null, null, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        return ExecuteAsync(
            sessionId,
            create: false,
            absent: false,
            (slot, now) =>
            {
                if (!slot.State!.Ledger.State.IsOf(owner))
                {
                    return false;
                }

                slot.Record(new RenamedRecord { At = now, Title = title });
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        SessionSlot? slot;
        do
        {
            slot = Find(sessionId, create: false);
            if (slot is null)
            {
                return false;
            }
        }
        while (!await EnterExclusiveAsync(slot, cancellationToken));

        CommitBatch? undecided;
        Epoch epoch;
        try
        {
            lock (slot.Gate)
            {
                if (!slot.IsRead)
                {
                    Use(slot);
                }

                if (slot.Head is not { } head || (owner is not null && head.Owner != owner))
                {
                    return false;
                }

                epoch = slot.Head.Epoch;
            }

            _database!.Erase(sessionId, _timeProvider.GetUtcNow());
            lock (slot.Gate)
            {
                _freshEpochs.Erase(sessionId);
                slot.Removed = true;
                slot.State = null;
                undecided = slot.Open;
                slot.Open = null;
                _slots.TryRemove(KeyValuePair.Create(sessionId, slot));
                slot.Announce();
            }
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException($"Session {sessionId} could not be removed.", exception);
        }
        finally
        {
            LeaveExclusive(slot);
        }

        _signals.AnnounceErased(sessionId, epoch);

        // What was decided on the erased session is decided anew: a run has lost its lease, a message begins a new session.
        undecided?.Complete(CommitOutcome.Erased);
        if (!IsOutOfTheLog())
        {
            throw new StoreUnavailableException(
                $"Session {sessionId} is erased, but what was said in it may stand in the file for a while.");
        }

        return true;
    }

    /// <inheritdoc />
    public ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        try
        {
            var page = _database!.List(query);
            return ValueTask.FromResult(page with { Sessions = [.. page.Sessions.Select(WithState)] });
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException("The list of sessions can't be read.", exception);
        }
    }

    /// <summary>The row with what its session says: one that is busy is in memory.</summary>
    private SessionSummary WithState(SessionSummary row)
    {
        if (!row.Busy || !_slots.TryGetValue(row.SessionId, out var slot))
        {
            return row;
        }

        lock (slot.Gate)
        {
            return slot.State is { } state
                ? row with { State = SessionActivities.Listed(row.Busy, state.Ledger.State.Activity) }
                : row;
        }
    }

    private bool IsOutOfTheLog()
    {
        try
        {
            return _database!.Checkpoint();
        }
        catch (SqliteException exception)
        {
            LogNotOutOfTheLog(exception);
            return false;
        }
    }

    private SessionHead Head(SessionId sessionId) => Read(sessionId, slot => slot.Head!, epoch => EmptyHead(sessionId, epoch));

    private static SessionHead EmptyHead(SessionId sessionId, Epoch epoch)
        => new() { SessionId = sessionId, Epoch = epoch, LastSeq = Offset.Start, TrimmedThrough = Offset.Start };

    private SnapshotData EmptySnapshot(SessionId sessionId) => new()
    {
        SessionId = sessionId,
        Epoch = Head(sessionId).Epoch,
        LastSeq = Offset.Start,
        TrimmedThrough = Offset.Start,
        Messages = [],
        HasMore = false,
        QueuedRuns = [],
    };

    private static LogBatch ReadNothing(SessionId sessionId, Epoch epoch, Cursor cursor)
        => new(epoch, Offset.Start, [], CursorCheck.Refuse(EmptyHead(sessionId, epoch), cursor));

    /// <summary>Reads under the session's gate what is on disk; of a session that nobody wrote to there is only an epoch.</summary>
    private T Read<T>(SessionId sessionId, Func<SessionSlot, T> read, Func<Epoch, T> absent)
    {
        ThrowIfClosed();
        while (Find(sessionId, create: false) is { } slot)
        {
            lock (slot.Gate)
            {
                if (slot.Removed)
                {
                    continue;
                }

                if (!slot.IsRead)
                {
                    Use(slot);
                }

                return slot.Head is null ? absent(slot.FreshEpoch) : read(slot);
            }
        }

        return absent(_freshEpochs.Of(sessionId));
    }

    private SessionSlot Join(SessionId sessionId)
    {
        ThrowIfClosed();
        while (true)
        {
            var slot = Find(sessionId, create: true)!;
            lock (slot.Gate)
            {
                if (!slot.Removed)
                {
                    slot.Followers++;
                    return slot;
                }
            }
        }
    }

    private ValueTask<AppendResult> WriteAsync(
        RunAppend append, RunFinished? finished, RunFinished? ifCancelled, CancellationToken cancellationToken)
    {
        append.Check(parks: ifCancelled is not null);

        // The caller's buffer may be used again; the checkpoint stays until the run is over.
        var kept = append with { Checkpoint = append.Checkpoint is { } checkpoint ? checkpoint.ToArray() : default(ReadOnlyMemory<byte>?) };
        return ExecuteAsync(
            append.Lease.SessionId,
            create: false,
            absent: new AppendResult(AppendStatus.LeaseLost, default, false),
            (slot, now) =>
            {
                var (result, record) = slot.State!.Ledger.Append(kept, finished, ifCancelled, now);
                if (record is not null)
                {
                    slot.Record(record);
                }

                return result;
            },
            cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The write-ahead log could not be emptied after a session was erased.")]
    private partial void LogNotOutOfTheLog(Exception exception);
}
