using System.Threading.Channels;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Session;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>What keeps memory and files small.</content>
internal sealed partial class EmbeddedSessionStore
{
    private readonly Channel<bool> _retentionDue =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The time after which something that the disk refused is tried again.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    /// <summary>So many bytes of entries that are gone are not worth folding.</summary>
    private const int AlwaysBearable = 4096;

    /// <summary>The number of sessions that are brought back at once to be cut.</summary>
    private const int CutsAtOnce = 256;

    private int _broughtIn;

    /// <summary>Says that a run ended which is not to be replayed at all.</summary>
    public ChannelReader<bool> RetentionDue => _retentionDue.Reader;

    /// <summary>Cuts off what has left the replay window, and puts sessions away that nobody uses.</summary>
    public async Task RetainAsync(CancellationToken cancellationToken = default)
    {
        RemoveUnsent();
        var ended = EndedSession.First;
        do
        {
            foreach (var slot in _slots.Values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (MayCut(slot))
                {
                    await CutAsync(slot, cancellationToken);
                }
            }

            PutAway();
        }
        while (BringBackEnded(ref ended));
    }

    /// <summary>Says that entries are gone, and folds them into the session's base once they are the greater part of it.</summary>
    private async Task CutAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        // Nobody came to use it, so that it need not stay any longer.
        var lastUsed = slot.LastUsed;
        try
        {
            var endedBy = _timeProvider.GetUtcNow() - _messaging.ReplayWindow;
            await ExecuteAsync(
                slot.SessionId, create: false, absent: false, (session, now) => Trim(session, endedBy, now), cancellationToken);
            if (slot.Length > (2 * slot.FoldedLength) + AlwaysBearable)
            {
                await FoldAsync(slot, cancellationToken);
            }
        }
        catch (StoreUnavailableException exception)
        {
            LogNotCut(exception, slot.SessionId);
            lock (slot.Gate)
            {
                slot.NotBefore = _timeProvider.GetUtcNow() + AfterFailure;
            }
        }
        finally
        {
            lock (slot.Gate)
            {
                slot.LastUsed = lastUsed;
            }
        }
    }

    private static bool Trim(SessionSlot slot, DateTimeOffset endedBy, DateTimeOffset now)
    {
        if (SessionRules.Cut(slot.State!.Ledger.State, endedBy) is not { } through)
        {
            return false;
        }

        slot.Record(new TrimmedRecord { At = now, Through = through });
        return true;
    }

    private async Task FoldAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        if (!await EnterExclusiveAsync(slot, cancellationToken))
        {
            return;
        }

        try
        {
            var through = slot.Head?.TrimmedThrough ?? Offset.Start;
            if (through == Offset.Start || _database!.Read(slot.SessionId) is not { } stored)
            {
                return;
            }

            var (state, count) = Fold([.. stored.Records.Select(record => record.Bytes)], through);
            if (count == 1 || state.Ledger.LastSeq != through)
            {
                return;
            }

            var bytes = RecordCodec.Write(new BaseRecord { At = Now(), Session = state.ToBase() });
            _database.Fold(stored.Number, stored.Records[count - 1].Number, bytes);
            lock (slot.Gate)
            {
                slot.FoldedLength = bytes.Length;
                slot.Length = bytes.Length + stored.Records.Skip(count).Sum(record => (long)record.Bytes.Length);
            }

            LogFolded(slot.SessionId, through, count);
        }
        catch (SqliteException exception)
        {
            // The records are as good as what they come to, only longer.
            LogNotCut(exception, slot.SessionId);
        }
        finally
        {
            LeaveExclusive(slot);
        }
    }

    /// <summary>Lets those sessions leave memory that nobody needs there.</summary>
    private void PutAway()
    {
        var now = _timeProvider.GetUtcNow();
        var idle = new List<(SessionSlot Slot, DateTimeOffset LastUsed)>();
        Interlocked.Exchange(ref _broughtIn, 0);
        foreach (var slot in _slots.Values)
        {
            lock (slot.Gate)
            {
                if (slot.IsIdle && slot.NotBefore <= now)
                {
                    idle.Add((slot, slot.LastUsed));
                }
            }
        }

        idle.Sort((one, other) => other.LastUsed.CompareTo(one.LastUsed));
        foreach (var (slot, _) in idle.Where(
            (item, rank) => rank >= _embedded.MaxIdleSessions || now - item.LastUsed >= _embedded.UnloadAfter))
        {
            lock (slot.Gate)
            {
                // It may have come into use meanwhile.
                if (slot.IsIdle)
                {
                    slot.Removed = true;
                    slot.State = null;
                    _claims.Forget(slot);
                    _slots.TryRemove(KeyValuePair.Create(slot.SessionId, slot));
                }
            }
        }
    }

    /// <summary>Brings sessions back into memory whose ended runs left the replay window, each once. Whether there were any.</summary>
    private bool BringBackEnded(ref EndedSession after)
    {
        if (_closing.IsCancellationRequested)
        {
            return false;
        }

        try
        {
            var ended = _database!.Ended(_timeProvider.GetUtcNow() - _messaging.ReplayWindow, after, CutsAtOnce);
            foreach (var session in ended)
            {
                after = session;
                BringBack(SessionId.Parse(session.SessionId));
            }

            return ended.Count > 0;
        }
        catch (Exception exception) when (exception is SqliteException or StoreUnavailableException)
        {
            LogListUnreadable(exception);
            return false;
        }
    }

    private void BringBack(SessionId sessionId)
    {
        if (Find(sessionId, create: false) is not { } slot)
        {
            return;
        }

        lock (slot.Gate)
        {
            if (slot is { IsRead: false, Removed: false } && slot.NotBefore <= _timeProvider.GetUtcNow())
            {
                try
                {
                    Use(slot);
                    slot.LastUsed = DateTimeOffset.MinValue;
                }
                catch (StoreUnavailableException exception)
                {
                    slot.NotBefore = _timeProvider.GetUtcNow() + AfterFailure;
                    LogUnreadable(exception, sessionId);
                }
            }
        }
    }

    /// <summary>
    /// Whether a run left the replay window, and no run that waits or is under way holds the cut back: its end brings a later one.
    /// </summary>
    private bool MayCut(SessionSlot slot)
    {
        var now = _timeProvider.GetUtcNow();
        lock (slot.Gate)
        {
            return slot.FirstEnd <= now - _messaging.ReplayWindow && slot.NotBefore <= now && !slot.Removed
                && (slot.State?.Ledger.State is not { } state
                    || !(state.CutPoints is [var first, ..] && first.Through >= state.FirstOfUnfinished));
        }
    }

    /// <summary>Waits until nothing is being written of a session, and keeps it so. False: the session is gone.</summary>
    private static async Task<bool> EnterExclusiveAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task before;
            bool entered;
            lock (slot.Gate)
            {
                if (slot.Removed)
                {
                    return false;
                }

                entered = !slot.IsExclusive;
                if (entered)
                {
                    slot.EnterExclusive();
                    before = slot.InFlight?.Done ?? Task.CompletedTask;
                }
                else
                {
                    before = slot.Shared;
                }
            }

            if (entered)
            {
                // Not to be cancelled: the place is taken, and a write takes no longer than the disk.
                await before;
                return true;
            }

            await before.WaitAsync(cancellationToken);
        }
    }

    private void LeaveExclusive(SessionSlot slot)
    {
        lock (slot.Gate)
        {
            slot.LeaveExclusive();
            _committer.MarkDirty(slot);
            DropIfUnused(slot);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {SessionId} is folded up to {Through}: {Records} records became one.")]
    private partial void LogFolded(SessionId sessionId, Offset through, int records);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be cut or folded; it is tried again later.")]
    private partial void LogNotCut(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sessions to be cut can't be looked for; it is tried again later.")]
    private partial void LogListUnreadable(Exception exception);
}
