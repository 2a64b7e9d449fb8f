using AgentStream.Messaging.Log;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Embedded.Sessions;

/// <summary>The readers' view of one session: only what is on disk for good. Not safe for several threads.</summary>
internal sealed class LogView
{
    private readonly SessionBase _base;
    private readonly TranscriptFold _transcript;
    private LogEntry[] _entries = [];
    private int _count;
    private LogBatch? _latestBatch;
    private Lazy<SessionSnapshot>? _snapshot;
    private DateTimeOffset _updatedAt;
    private Epoch _epoch;
    private IReadOnlyList<FormerEpoch> _former;

    public LogView(SessionBase session)
    {
        _base = session;
        _transcript = TranscriptFold.Load(session.Transcript);
        _updatedAt = session.UpdatedAt;
        TrimmedThrough = session.TrimmedThrough;
        _epoch = session.Epoch;
        _former = session.Former ?? [];
    }

    public Offset TrimmedThrough { get; private set; }

    public Offset LastSeq => new(TrimmedThrough.Value + _count);

    /// <summary>The number of entries held in memory.</summary>
    public int EntryCount => _count;

    public void Apply(SessionRecord record)
    {
        if (record is TrimmedRecord trimmed)
        {
            Trim(trimmed.Through);
            return;
        }

        if (record is EpochRecord renewed)
        {
            _former = [.. _former, new FormerEpoch(_epoch, LastSeq)];
            _epoch = renewed.Epoch;
            _latestBatch = null;
            _snapshot = null;
            return;
        }

        foreach (var entry in record.Entries)
        {
            Add(entry);
            _transcript.Apply(entry.Offset, entry.RunId, entry.Timestamp, entry.Event);
        }

        if (record is RenamedRecord renamed)
        {
            _transcript.Rename(renamed.Title);
        }
        else if (record.Entries.Count == 0)
        {
            return;
        }

        _updatedAt = record.At;
        _snapshot = null;
    }

    /// <summary>Reads the entries after a cursor. Readers at the same offset get the very same batch, and none gets a copy.</summary>
    public LogBatch Read(Cursor cursor, int maxEntries)
    {
        var last = LastSeq;
        if (CursorCheck.Refuse(Head, cursor) is { } reason)
        {
            return new LogBatch(_epoch, last, [], reason);
        }

        var start = (int)(cursor.After.Value - TrimmedThrough.Value);
        var count = Math.Min(_count - start, maxEntries);
        if (_latestBatch is { Entries: [var first, ..] } latest
            && first.Offset == cursor.After.Next && latest.Entries.Count == count && latest.Head == last)
        {
            return latest;
        }

        if (count == 0)
        {
            return new LogBatch(_epoch, last, []);
        }

        // The array only grows after _count, and a trim replaces it: what a segment shows never changes.
        return _latestBatch = new LogBatch(_epoch, last, new ArraySegment<LogEntry>(_entries, start, count));
    }

    /// <summary>The snapshot as of now, made when it is first asked for and then kept until something changes.</summary>
    public Lazy<SessionSnapshot> Snapshot(int limit)
    {
        if (_snapshot is null)
        {
            var data = _transcript.Snapshot(_base.SessionId, _epoch, LastSeq, TrimmedThrough, limit);
            _snapshot = new(() => SessionSnapshot.Of(data));
        }

        return _snapshot;
    }

    public TranscriptPage ReadTranscript(Offset? before, int limit)
    {
        var (messages, hasMore) = _transcript.Page(before, limit);
        return new TranscriptPage(Head, messages, hasMore, _transcript.Usage, _transcript.ActiveRun);
    }

    /// <summary>Drops the entries that the transcript has taken in.</summary>
    private void Trim(Offset through)
    {
        if (through <= TrimmedThrough)
        {
            // Was folded into the base since.
            return;
        }

        var drop = (int)(through.Value - TrimmedThrough.Value);
        _entries = _entries.AsSpan(drop, _count - drop).ToArray();
        _count -= drop;
        TrimmedThrough = through;
        _former = FormerEpoch.After(_former, through);
        _latestBatch = null;
        _snapshot = null;
    }

    public SessionHead Head => new()
    {
        SessionId = _base.SessionId,
        Epoch = _epoch,
        Former = _former,
        LastSeq = LastSeq,
        TrimmedThrough = TrimmedThrough,
        Owner = _base.Owner,
        Title = _transcript.Title,
    };

    /// <summary>The session's row in the list.</summary>
    public SessionSummary ToRow() => new()
    {
        SessionId = _base.SessionId,
        Owner = _base.Owner,
        Title = _transcript.Title ?? "",
        CreatedAt = _base.CreatedAt,
        UpdatedAt = _updatedAt,
        LastSeq = LastSeq,
        Messages = _transcript.Count,
        Busy = _transcript.Busy,
        State = SessionActivities.Listed(_transcript.Busy),
    };

    public SessionBase ToBase() => _base with { UpdatedAt = _updatedAt, Transcript = _transcript.Save() };

    private void Add(LogEntry entry)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(16, _count * 2));
        }

        _entries[_count++] = entry;
    }
}
