using AgentStream.Messaging;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Delivery;

/// <summary>The newest entries of a session, without a hole, shared by all its clients. Not safe for several threads.</summary>
internal sealed class RecentEntries(int maxEntries)
{
    /// <summary>The most bytes; who is further behind gets a snapshot.</summary>
    public const long MaxBytes = 64 << 20;

    private readonly List<LogEntry> _entries = [];
    private long _bytes;

    /// <summary>The offset before the first entry that is here.</summary>
    public Offset Before { get; private set; }

    public Offset Last => new(Before.Value + _entries.Count);

    public int Count => _entries.Count;

    public long Bytes => _bytes;

    /// <summary>Forgets all and goes on after an offset.</summary>
    public void Restart(Offset last)
    {
        Before = last;
        _bytes = 0;
        _entries.Clear();
        _entries.TrimExcess();
    }

    /// <summary>Takes the next entry.</summary>
    public void Add(LogEntry entry)
    {
        _entries.Add(entry);
        _bytes += entry.Frame.Length;
        if (_entries.Count > maxEntries + (maxEntries / 8))
        {
            Drop(_entries.Count - maxEntries);
        }

        while (_bytes > MaxBytes && _entries.Count > 1)
        {
            Drop((_entries.Count / 8) + 1);
        }
    }

    /// <summary>Takes entries that come right before those that are here; others are left out.</summary>
    public void Prepend(List<LogEntry> entries)
    {
        entries.RemoveAll(entry => entry.Offset > Before);
        if (entries.Count > 0 && entries[^1].Offset == Before)
        {
            _entries.InsertRange(0, entries);
            _bytes += entries.Sum(entry => (long)entry.Frame.Length);
            Before = new Offset(Before.Value - entries.Count);
        }
    }

    /// <summary>Drops the oldest ones.</summary>
    public void Drop(int count)
    {
        _bytes -= _entries.Take(count).Sum(entry => (long)entry.Frame.Length);
        _entries.RemoveRange(0, count);
        Before = new Offset(Before.Value + count);
    }

    /// <summary>The entry at an offset, where it is here.</summary>
    public LogEntry? At(Offset offset) => offset > Before ? _entries[(int)(offset.Value - Before.Value) - 1] : null;

    /// <summary>Copies entries after an offset that is here: as many as are wanted, at least one, and no more bytes than that.</summary>
    public List<LogEntry> Read(Offset after, int count, long bytes)
    {
        var start = (int)(after.Value - Before.Value);
        var end = start;
        while (end < start + count && (end == start || (bytes -= _entries[end].Frame.Length) > 0))
        {
            end++;
        }

        return _entries.GetRange(start, end - start);
    }
}
