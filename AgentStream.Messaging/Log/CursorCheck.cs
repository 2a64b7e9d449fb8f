using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Log;

/// <summary>Tells which cursors a log can serve.</summary>
internal static class CursorCheck
{
    /// <summary>The reason why a cursor can't be served; <c>null</c> where it can.</summary>
    public static ResyncReason? Refuse(SessionHead head, Cursor cursor)
        => cursor.After > Offset.Start && cursor.Epoch is { } theirs && !IsOfThisLog(head, theirs, cursor.After) ? ResyncReason.Epoch
            : cursor.After > head.LastSeq ? ResyncReason.Ahead
            : cursor.After < head.TrimmedThrough ? ResyncReason.Trimmed
            : null;

    // Each epoch is one unbroken history: who has read it up to an offset that this log has of it has read this log.
    private static bool IsOfThisLog(SessionHead head, Epoch epoch, Offset after)
        => epoch == head.Epoch || head.Former.Any(former => former.Epoch == epoch && after <= former.Last);
}
