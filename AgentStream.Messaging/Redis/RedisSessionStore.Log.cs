using System.Runtime.CompilerServices;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Redis.Sessions;
using AgentStream.Messaging.Session;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>What readers and runs do.</content>
internal sealed partial class RedisSessionStore
{
    private const int FollowAtOnce = 512;

    /// <inheritdoc />
    public async ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return (await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken)).Head;
    }

    /// <inheritdoc />
    public async ValueTask<LogBatch> ReadAsync(
        SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEntries, 1);
        var (head, entries) = await _reader.ReadAsync(sessionId, cursor.After, maxEntries, cancellationToken);
        return CursorCheck.Refuse(head, cursor) is { } reason
            ? new LogBatch(head.Epoch, head.LastSeq, [], reason)
            : new LogBatch(head.Epoch, head.LastSeq, entries);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        using var follower = await _feeds.JoinAsync(sessionId, cancellationToken);
        while (true)
        {
            ThrowIfClosed();
            var (batch, changed) = follower.Feed.View(cursor);

            // What the shared tail does not have, Redis says, or that it can't be served.
            batch ??= await ReadAsync(sessionId, cursor, FollowAtOnce, cancellationToken);
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

    /// <inheritdoc />
    public async ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return await _transcripts.SnapshotAsync(sessionId, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await _transcripts.PageAsync(sessionId, before, limit, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        return AppendAsync(append, null, null, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        var decided = await _desk.DecideAsync(
            sessionId,
            new SessionCommand<bool>
            {
                Name = "rename",
                Decide = (stored, now) => stored.State?.IsOf(owner) == true
                    ? (true, new SessionChange { Record = new RenamedRecord { At = now, Title = title } })
                    : (false, null),
            },
            cancellationToken);
        return decided.Answer;
    }

    /// <inheritdoc />
    public async ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        var meta = _keys.Of(sessionId).Meta;
        if (!await _link.AskAsync(meta, database => database.KeyExistsAsync(meta, CommandFlags.DemandMaster), cancellationToken))
        {
            return false;
        }

        // What is noted of a session that is erased takes what workers keep of it: so whose it is, is asked before that too.
        if (owner is not null && (await GetHeadAsync(sessionId, cancellationToken)).Owner != owner)
        {
            return false;
        }

        // First, so that nobody who finds nothing there any more takes the old epoch's name for the new one's,
        // and that what workers keep of it goes also where this process ends in between.
        await _names.RenewAsync(sessionId, cancellationToken);
        var isNoted = await Erased.TryNoteAsync(sessionId, cancellationToken);
        var decided = await _desk.DecideAsync(
            sessionId,
            new SessionCommand<PrincipalId?>
            {
                Name = "erase",
                Decide = (stored, _) => stored.State is { } state && state.IsOf(owner)
                    ? (state.Owner, new SessionChange { Erases = true, MakesRoom = true })
                    : (null, null),
            },
            cancellationToken);
        _known.Forget(sessionId);
        if (decided.Answer is not { } erasedOwner)
        {
            return false;
        }

        await _owners.RemoveAsync(erasedOwner, sessionId, cancellationToken);
        if (!isNoted)
        {
            // The memory was full, and has room now.
            await Erased.TryNoteAsync(sessionId, cancellationToken);
        }

        return true;
    }

    /// <inheritdoc />
    public async ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return await _owners.PageAsync(query, cancellationToken);
    }

    private ValueTask<AppendResult> AppendAsync(
        RunAppend append, RunFinished? finished, RunFinished? ifCancelled, CancellationToken cancellationToken)
    {
        append.Check(parks: ifCancelled is not null);
        return WriteAsync(
            finished is not null ? "finish" : ifCancelled is not null ? "park" : "append",
            append.Lease,
            (stored, now) => stored.State is { } state
                ? ToChange(SessionRules.Append(state, stored.Named.OfRun, append, finished, ifCancelled, now))
                : (new AppendResult(AppendStatus.LeaseLost, default, false), null),
            cancellationToken);
    }
}
