using System.Text.Json;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Redis.Reading;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Following;

/// <summary>One session as this process follows it: one subscription and one tail of entries, however many readers.</summary>
/// <remarks>
/// What pub/sub brings may come late, twice, in another order or not at all.
/// It goes into the tail where it fits; what does not fit waits for a repair, which reads the stream.
/// </remarks>
internal sealed class FollowedSession(
    SessionId sessionId, KnownHeads known, ContentCipher cipher, Action<FollowedSession> needsRepair)
{
    private const int MaxEarly = 64;
    private readonly Lock _gate = new();
    private readonly EntryTail _tail = new();
    private readonly SortedList<long, LiveMessage> _early = [];
    private TaskCompletionSource? _changed;
    private bool _isNews;
    private Epoch _epoch;
    private bool _started;
    private bool _heardBeforeStart;
    private Offset _lastBefore;

    public SessionId SessionId => sessionId;

    /// <summary>Readers; kept by the hub under its gate.</summary>
    public int Followers { get; set; }

    /// <summary>Stands in the list of repairs; kept by the hub.</summary>
    public int QueuedForRepair;

    public Offset Last
    {
        get
        {
            lock (_gate)
            {
                return _tail.Last;
            }
        }
    }

    public Epoch Epoch
    {
        get
        {
            lock (_gate)
            {
                return _epoch;
            }
        }
    }

    /// <summary>The number of entries kept for followers.</summary>
    public int Entries
    {
        get
        {
            lock (_gate)
            {
                return _tail.Count;
            }
        }
    }

    /// <summary>
    /// Lets go of all entries if none has come since this was called last: whoever keeps up has them,
    /// and the few who do not read from Redis.
    /// </summary>
    public void LetGoOfOldEntries()
    {
        lock (_gate)
        {
            if (_tail.Last == _lastBefore)
            {
                _tail.Restart(_tail.Last);
            }

            _lastBefore = _tail.Last;
        }
    }

    /// <summary>Gets the entries after a cursor, if they are known here, and a task that completes with the next change.</summary>
    public (LogBatch? Batch, Task Changed) View(Cursor cursor)
    {
        lock (_gate)
        {
            var changed = (_changed ??= new()).Task;
            var fits = _started && (cursor.After == Offset.Start || cursor.Epoch is null || cursor.Epoch == _epoch);
            return fits && _tail.After(cursor.After) is { } entries
                ? (new LogBatch(_epoch, _tail.Last, entries), changed)
                : (null, changed);
        }
    }

    /// <summary>Has every follower look again.</summary>
    public void Wake()
    {
        TaskCompletionSource? changed;
        lock (_gate)
        {
            _isNews = true;
            changed = TakeNews();
        }

        changed?.TrySetResult();
    }

    /// <summary>Tells every follower that waits that the store is away: nothing comes until it is back.</summary>
    public void Fail(StoreUnavailableException exception)
    {
        TaskCompletionSource? changed;
        lock (_gate)
        {
            _isNews = true;
            changed = TakeNews();
        }

        changed?.TrySetException(exception);

        // Nobody may be waiting just now; whoever comes next asks Redis itself.
        _ = changed?.Task.Exception;
    }

    /// <summary>Takes what the subscription brings.</summary>
    public void Receive(RedisChannel channel, RedisValue payload)
    {
        LiveMessage? message;
        try
        {
            if (!LiveMessage.TryParse((byte[]?)payload ?? [], out message))
            {
                return;
            }
        }
        catch (InvalidDataException)
        {
            // Nobody else writes here; whatever it was, the stream has the truth.
            needsRepair(this);
            return;
        }

        bool repair;
        TaskCompletionSource? changed;
        lock (_gate)
        {
            repair = !Take(message);
            changed = TakeNews();
        }

        changed?.TrySetResult();
        if (repair)
        {
            needsRepair(this);
        }
    }

    /// <summary>Takes what was read from the stream after <see cref="Last"/>. False: there is more to read.</summary>
    public bool Repair(StoredLog stored)
    {
        bool isWhole;
        TaskCompletionSource? changed;
        lock (_gate)
        {
            isWhole = Take(stored);
            changed = TakeNews();
        }

        changed?.TrySetResult();
        return isWhole;
    }

    private bool Take(StoredLog stored)
    {
        var head = stored.Head;
        if (!_started || head.Epoch != _epoch)
        {
            _started = true;
            _epoch = head.Epoch;
            _tail.Restart(head.LastSeq);
            _early.Clear();
            _isNews = true;
            var whole = !_heardBeforeStart;
            _heardBeforeStart = false;
            return whole;
        }

        if (head.TrimmedThrough > _tail.Last)
        {
            _tail.Restart(head.TrimmedThrough);
            _isNews = true;
        }

        Add(stored.Entries);
        TakeEarly();
        return _tail.Last >= head.LastSeq;
    }

    /// <summary>False: there is a hole, or the session has changed in a way that the message does not tell.</summary>
    private bool Take(LiveMessage message)
    {
        if (!_started)
        {
            // It may be younger than the head that is being read.
            _heardBeforeStart = true;
            return true;
        }

        if (message.Epoch != _epoch || (message.Frames.Count == 0 && message.Last > _tail.Last))
        {
            return false;
        }

        if (message.First > _tail.Last.Next)
        {
            if (_early.Count < MaxEarly)
            {
                _early[message.First.Value] = message;
            }

            return false;
        }

        if (!TryAdd(message))
        {
            return false;
        }

        TakeEarly();
        return _early.Count == 0;
    }

    private void TakeEarly()
    {
        while (_early.Count > 0 && _early.GetKeyAtIndex(0) <= _tail.Last.Value + 1)
        {
            TryAdd(_early.GetValueAtIndex(0));
            _early.RemoveAt(0);
        }
    }

    private bool TryAdd(LiveMessage message)
    {
        var have = (int)Math.Max(0, _tail.Last.Value - message.First.Value + 1);
        if (have >= message.Frames.Count)
        {
            return true;
        }

        try
        {
            Add(message.Frames.Skip(have).Select(frame => EnvelopeCodec.Decode(cipher.Open(frame))).ToArray());
            return true;
        }
        catch (JsonException)
        {
            // The repair reads it from the stream, and says so if it is no frame there either.
            return false;
        }
    }

    private void Add(IReadOnlyList<LogEntry> entries)
    {
        var added = false;
        foreach (var entry in entries)
        {
            if (entry.Offset == _tail.Last.Next)
            {
                _tail.Add(entry);
                added = true;
            }
        }

        if (added)
        {
            known.Observe(sessionId, _epoch, _tail.Last);
            _isNews = true;
        }
    }

    // Completed outside of the gate and in the thread that brings the news: the followers go on in it, one after the other.
    private TaskCompletionSource? TakeNews()
    {
        if (!_isNews)
        {
            return null;
        }

        _isNews = false;
        var changed = _changed;
        _changed = null;
        return changed;
    }
}
