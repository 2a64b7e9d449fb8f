namespace AgentStream.Client.Connections;

/// <summary>How far a session's log has been read: each entry is taken once and in order.</summary>
internal sealed class LogCursor(Cursor? start)
{
    private int _gapsInARow;

    /// <summary>The place; <c>null</c>: none, or one that can't be gone on from.</summary>
    public Cursor? Position => _epoch is null ? null : new Cursor(_epoch, Seq);

    // Not a cursor each time: it moves with every entry.
    private string? _epoch = start?.Epoch;

    public long Seq { get; private set; } = start?.Seq ?? 0;

    public void Begin(SessionSnapshot snapshot)
    {
        _gapsInARow = 0;
        (_epoch, Seq) = (snapshot.Epoch, snapshot.LastSeq);
    }

    /// <summary>The connection goes on after this place, maybe in a later epoch.</summary>
    public void Resume(string epoch)
    {
        if (_epoch is not null)
        {
            _epoch = epoch;
        }
    }

    /// <returns>Whether the entry is new.</returns>
    /// <exception cref="ConnectionBrokenException">Entries before it are missing.</exception>
    public bool Take(LogEvent entry)
    {
        if (_epoch is not null && entry.Seq <= Seq)
        {
            return false;
        }

        if (_epoch is null || entry.FirstSeq != Seq + 1)
        {
            // Coming back with the same cursor normally heals it. If it does not, the server can't serve it: then from a snapshot.
            if (++_gapsInARow > 1)
            {
                _epoch = null;
            }

            throw new ConnectionBrokenException("Entries are missing.");
        }

        _gapsInARow = 0;
        Seq = entry.Seq;
        return true;
    }

    /// <summary>Tells whether something is missing of a log that goes so far.</summary>
    public bool Lacks(string epoch, long lastSeq) => _epoch is not null && (epoch != _epoch || lastSeq > Seq);
}
