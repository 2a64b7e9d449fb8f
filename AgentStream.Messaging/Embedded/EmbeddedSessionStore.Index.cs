using System.Text;
using AgentStream.Messaging.Embedded.Index;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>What comes into memory at a start, and what leaves it.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <summary>The number of rows that are put into the index at once.</summary>
    private const int RowsAtOnce = 512;

    /// <summary>The number of sessions that are brought back at once to be cut.</summary>
    private const int CutsAtOnce = 256;

    private readonly Lock _leaving = new();
    private int _broughtIn;

    /// <summary>
    /// Reads the journals that the index does not tell of as they are.
    /// Those with work left stay in memory, the others leave it with a row in the index.
    /// </summary>
    private void OpenIndex()
    {
        var names = new JournalNames();
        try
        {
            _index = new SessionIndexFile(_directory!.IndexPath, _disk, _timeProvider, _loggerFactory.CreateLogger<SessionIndexFile>());
            _index.Open(row => IsCurrent(row, names));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _index!.Dispose();
            _directory!.Dispose();
            throw new StoreUnavailableException(
                $"The list of sessions in {_directory.Root} can't be opened: the directory has to be readable and to take writes.",
                exception);
        }

        Parallel.ForEach(
            _directory.Journals().Where(path => !names.Contains(path)),
            () => new List<SessionSlot>(RowsAtOnce),
            (path, _, found) =>
            {
                if (Scan(path) is { } slot)
                {
                    found.Add(slot);
                    if (found.Count == RowsAtOnce)
                    {
                        Leave(found);
                        found.Clear();
                    }
                }

                return found;
            },
            Leave);
    }

    private bool IsCurrent(IndexRow row, JournalNames names)
    {
        var path = _directory!.JournalOf(SessionId.Parse(Encoding.UTF8.GetString(row.SessionId)));
        return Stamp(path) is { } stamp && stamp.Length == row.JournalLength && stamp.ChangedAt == row.JournalChanged && names.Add(path);
    }

    private static JournalStamp? Stamp(string path)
        => new FileInfo(path) is { Exists: true } file ? new JournalStamp(file.Length, file.LastWriteTimeUtc.Ticks) : null;

    /// <summary>Reads a journal at the start; a session that may leave memory is given back.</summary>
    private SessionSlot? Scan(string path)
    {
        try
        {
            if (_loader.Load(path) is not { } loaded)
            {
                return null;
            }

            if (_directory!.JournalOf(loaded.SessionId) != path)
            {
                LogMisplaced(path, loaded.SessionId);
                return null;
            }

            var slot = new SessionSlot(loaded.SessionId, path, loaded.State.Ledger.Epoch, _process) { IsRead = true };
            Take(slot, loaded);
            _slots[loaded.SessionId] = slot;
            if (loaded.State.Ledger.Busy)
            {
                // A run to claim, or one that waits for a person.
                if (slot.IsClaimable(LeaseNow()))
                {
                    _claims.AddReady(slot);
                }

                AddExpiry(slot);
                return null;
            }

            slot.State = null;
            return slot;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(exception, path);
            return null;
        }
    }

    /// <summary>Lets those sessions leave memory that nobody needs there.</summary>
    private void PutAway(bool closing)
    {
        var now = _timeProvider.GetUtcNow();
        var idle = new List<(SessionSlot Slot, DateTimeOffset LastUsed)>();
        Interlocked.Exchange(ref _broughtIn, 0);
        foreach (var slot in _slots.Values)
        {
            lock (slot.Gate)
            {
                if (slot.IsIdle && slot.Row is not null)
                {
                    idle.Add((slot, slot.LastUsed));
                }
                else
                {
                    DropIfUnused(slot);
                }
            }
        }

        idle.Sort((one, other) => other.LastUsed.CompareTo(one.LastUsed));
        var leaving = idle.Where(
            (item, rank) => closing || rank >= _embedded.MaxIdleSessions || now - item.LastUsed >= _embedded.UnloadAfter);
        foreach (var slots in leaving.Select(item => item.Slot).Chunk(RowsAtOnce))
        {
            Leave(slots);
        }
    }

    /// <summary>
    /// Puts what the index does not know yet into it, and then lets the sessions go;
    /// those that came into use meanwhile stay, and so do all if the disk takes nothing.
    /// </summary>
    private void Leave(IReadOnlyCollection<SessionSlot> slots)
    {
        // One at a time: what another is just putting there would look as if it were there.
        lock (_leaving)
        {
            var entries = new List<IndexEntry>(slots.Count);
            var changed = new List<SessionSlot>(slots.Count);
            foreach (var slot in slots)
            {
                lock (slot.Gate)
                {
                    if (slot.IsIdle && !slot.IsIndexed && ToEntry(slot) is { } entry)
                    {
                        entries.Add(entry);
                        changed.Add(slot);
                        (slot.IsIndexed, slot.MayHaveIndexRow) = (true, true);
                    }
                }
            }

            try
            {
                if (entries.Count > 0)
                {
                    _index?.Put(entries);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotIndexed(exception, entries.Count);
                foreach (var slot in changed)
                {
                    lock (slot.Gate)
                    {
                        slot.IsIndexed = false;
                    }
                }
            }

            foreach (var slot in slots)
            {
                lock (slot.Gate)
                {
                    if (slot is { IsIdle: true, IsIndexed: true })
                    {
                        Drop(slot);
                    }
                }
            }
        }
    }

    /// <summary>
    /// The row of a session whose file is all that is written for certain; <c>null</c> where it is not. The gate is held.
    /// </summary>
    private IndexEntry? ToEntry(SessionSlot slot)
    {
        try
        {
            if (Stamp(slot.Path) is { } stamp && stamp.Length > slot.Length)
            {
                // What a failed write left: whoever reads the file later would not know that it does not count.
                _disk.Truncate(slot.Path, slot.Length);
            }

            return Stamp(slot.Path) is { } whole && whole.Length == slot.Length
                ? new IndexEntry(slot.Row!, slot.FirstEnd, whole, slot.MayHaveIndexRow)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotIndexed(exception, 1);
            return null;
        }
    }

    /// <summary>Brings sessions back into memory whose ended runs left the replay window. Whether there were any.</summary>
    private bool BringBackEnded()
    {
        if (_closing.IsCancellationRequested)
        {
            return false;
        }

        List<SessionId> ended;
        var any = false;
        try
        {
            ended = _index!.TakeEnded(_timeProvider.GetUtcNow() - _messaging.ReplayWindow, CutsAtOnce, _slots.ContainsKey);
        }
        catch (IOException exception)
        {
            LogIndexUnreadable(exception);
            return false;
        }

        foreach (var sessionId in ended)
        {
            if (Find(sessionId, create: false) is { } slot)
            {
                lock (slot.Gate)
                {
                    if (slot is { IsRead: false, Removed: false })
                    {
                        any |= TryUse(slot);
                        slot.LastUsed = DateTimeOffset.MinValue;
                    }
                }
            }
        }

        return any;
    }

    private bool TryUse(SessionSlot slot)
    {
        try
        {
            return Use(slot) is not null;
        }
        catch (StoreUnavailableException exception)
        {
            LogUnreadable(exception, slot.Path);
            return false;
        }
    }

    private void Drop(SessionSlot slot)
    {
        slot.Removed = true;
        slot.State = null;
        _claims.Forget(slot);
        _slots.TryRemove(KeyValuePair.Create(slot.SessionId, slot));
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Sessions} sessions could not be put into the list on disk; they stay in memory, or are read again at the next start.")]
    private partial void LogNotIndexed(Exception exception, int sessions);

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of sessions can't be read; a restart makes it again.")]
    private partial void LogIndexUnreadable(Exception exception);
}
