using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Delivery;

/// <summary>The frames that are not of the log.</summary>
internal static class Notices
{
    private const string StoreIsAway =
        "The session store can't be reached. Stay connected: nothing that was accepted is lost, and this goes on when it is back.";

    public static OutgoingFrame Pong { get; } = new(NoticeTypes.Pong, """{"type":"pong","data":{}}"""u8.ToArray());

    public static OutgoingFrame Connected(SessionHead head, bool resumed, DateTimeOffset now)
    {
        var connected = new Connected
        {
            SessionId = head.SessionId,
            Epoch = head.Epoch,
            LastSeq = head.LastSeq,
            Resumed = resumed,
            ServerTime = now,
        };
        return new OutgoingFrame(
            NoticeTypes.Connected, EnvelopeCodec.Notice(NoticeTypes.Connected, connected, MessagingJson.Wire.Connected));
    }

    public static OutgoingFrame Snapshot(SessionSnapshot snapshot, ResyncReason? reason)
    {
        var position = new Cursor(snapshot.Data.Epoch, snapshot.Data.LastSeq);
        return reason is null
            ? new OutgoingFrame(NoticeTypes.Snapshot, snapshot.Frame, position)
            : new OutgoingFrame(
                NoticeTypes.Resync,
                EnvelopeCodec.Notice(NoticeTypes.Resync, snapshot.Data with { Reason = reason }, MessagingJson.Wire.SnapshotData),
                position);
    }

    public static OutgoingFrame Heartbeat(Epoch epoch, Offset lastSeq, DateTimeOffset now)
    {
        var heartbeat = new Heartbeat { Epoch = epoch, LastSeq = lastSeq, Timestamp = now };
        return new OutgoingFrame(
            NoticeTypes.Heartbeat, EnvelopeCodec.Notice(NoticeTypes.Heartbeat, heartbeat, MessagingJson.Wire.Heartbeat));
    }

    /// <summary>Tells how the store is.</summary>
    public static OutgoingFrame Status(bool isDegraded)
        => isDegraded ? Status("degraded", StoreIsAway) : Status("ok", "The session store is back.");

    public static OutgoingFrame Status(string state, string message)
        => new(NoticeTypes.Status, EnvelopeCodec.Notice(
            NoticeTypes.Status, new StatusChanged { State = state, Message = message }, MessagingJson.Wire.StatusChanged));
}
