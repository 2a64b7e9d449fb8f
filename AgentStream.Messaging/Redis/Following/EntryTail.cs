using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Redis.Following;

/// <summary>
/// The newest entries of a followed session, shared by all its followers.
/// Bounded, and empty while nothing comes: a follower that lacks more reads from Redis. Not safe for several threads.
/// </summary>
internal sealed class EntryTail
{
    private const int MaxEntries = 4096;
    private const int MaxBytes = 4 << 20;
    private LogEntry[] _entries = [];
    private int _count;
    private long _bytes;

    /// <summary>The offset before the first entry that is here.</summary>
    public Offset Before { get; private set; }

    public Offset Last => new(Before.Value + _count);

    /// <summary>The number of entries here.</summary>
    public int Count => _count;

    /// <summary>Forgets all and begins after an offset.</summary>
    public void Restart(Offset last)
    {
        Before = last;
        _entries = [];
        _count = 0;
        _bytes = 0;
    }

    /// <summary>Takes the next entry.</summary>
    public void Add(LogEntry entry)
    {
        if (_count == MaxEntries || (_bytes > MaxBytes && _count > 1))
        {
            DropOlderHalf();
        }

        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(16, _count * 2));
        }

        _entries[_count++] = entry;
        _bytes += entry.Frame.Length;
    }

    /// <summary>
    /// Gets the entries after an offset that is here; <c>null</c> where it is not. No copy: what a segment shows never changes.
    /// </summary>
    public ArraySegment<LogEntry>? After(Offset offset)
        => offset < Before || offset > Last
            ? default(ArraySegment<LogEntry>?)
            : new ArraySegment<LogEntry>(_entries, (int)(offset.Value - Before.Value), (int)(Last.Value - offset.Value));

    private void DropOlderHalf()
    {
        var keep = _count / 2;
        var dropped = _count - keep;
        var younger = new LogEntry[_entries.Length];
        Array.Copy(_entries, dropped, younger, 0, keep);
        Before = new Offset(Before.Value + dropped);
        _entries = younger;
        _count = keep;
        _bytes = younger.Take(keep).Sum(entry => (long)entry.Frame.Length);
    }
}
