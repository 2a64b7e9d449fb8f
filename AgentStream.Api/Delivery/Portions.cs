using System.Buffers;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Delivery;

/// <summary>
/// The portions of one session, each made when the first client needs it and kept for those at the same place.
/// Not safe for several threads.
/// </summary>
internal sealed class Portions(RecentEntries recent, DeliveryMeter meter)
{
    // Clients that come back at different places meet at multiples of this, and share what follows.
    private const int MaxEntries = 512;
    private const int MaxBytes = 256 * 1024;
    private const int MaxKept = 64;

    private readonly Dictionary<(int Form, Offset After), Portion> _entries = [];
    private readonly Dictionary<(Wire Wire, ResyncReason? Reason), Portion> _snapshots = [];
    private readonly Portion?[] _newest = new Portion?[2 * Enum.GetValues<Wire>().Length];
    private SessionSnapshot? _snapshot;

    /// <summary>Entries after an offset that is here and not the last.</summary>
    /// <param name="wire">The form.</param>
    /// <param name="epoch">The epoch that they are in.</param>
    /// <param name="after">The offset.</param>
    /// <param name="isContinued">Whether the client got the entry there over this connection: then a short frame may go on from it.</param>
    public Portion Entries(Wire wire, Epoch epoch, Offset after, bool isContinued)
    {
        isContinued &= wire == Wire.ShortWebSocket;
        var form = ((int)wire * 2) + (isContinued ? 1 : 0);
        if (_newest[form] is { } newest && newest.After == after && newest.Reached!.Value.After == recent.Last)
        {
            return newest;
        }

        var count = (int)(recent.Last.Value - after.Value);
        var isNewest = count <= MaxEntries;
        if (!isNewest)
        {
            count = MaxEntries - (int)(after.Value % MaxEntries);
            if (_entries.TryGetValue((form, after), out var known))
            {
                return known;
            }
        }

        var portion = Make(
            wire, new LogBatch(epoch, recent.Last, recent.Read(after, count, MaxBytes)), after, isContinued ? recent.At(after) : null);
        if (isNewest && portion.Reached!.Value.After == recent.Last)
        {
            _newest[form] = portion;
        }
        else
        {
            Keep(form, portion);
        }

        return portion;
    }

    /// <summary>A snapshot, in the form of a wire.</summary>
    public Portion Snapshot(Wire wire, SessionSnapshot snapshot, ResyncReason? reason)
    {
        if (_snapshot != snapshot)
        {
            _snapshot = snapshot;
            _snapshots.Clear();
        }

        if (!_snapshots.TryGetValue((wire, reason), out var portion))
        {
            var frame = Notices.Snapshot(snapshot, reason);
            _snapshots[(wire, reason)] = portion = new Portion(wire.Encode(frame))
            {
                Reached = frame.Position,
                Snapshot = wire == Wire.Entries ? snapshot.Data : null,
            };
        }

        return portion;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _entries.Clear();
        _snapshots.Clear();
        _snapshot = null;
        Array.Clear(_newest);
    }

    private void Keep(int form, Portion portion)
    {
        if (_entries.Count >= MaxKept)
        {
            _entries.Clear();
        }

        _entries[(form, portion.After)] = portion;
    }

    private Portion Make(Wire wire, LogBatch batch, Offset after, LogEntry? before)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        IReadOnlyList<LogEntry> ends = batch.Entries;
        if (wire != Wire.Entries)
        {
            ends = WriteFrames(wire, batch, before, bytes);
        }

        return new Portion(bytes.WrittenSpan.ToArray())
        {
            After = after,
            Reached = new Cursor(batch.Epoch, ends[^1].Offset),
            Ends = ends,
            FirstTexts = meter.FirstTexts(after, ends[^1].Offset),
        };
    }

    /// <returns>The last entry of each frame.</returns>
    private static List<LogEntry> WriteFrames(Wire wire, LogBatch batch, LogEntry? before, ArrayBufferWriter<byte> to)
    {
        var ends = new List<LogEntry>();
        foreach (var frame in DeltaMerger.Frames(batch, wire == Wire.ShortWebSocket, before))
        {
            wire.Write(to, frame);
            ends.Add(frame.Entry!);
        }

        return ends;
    }
}
