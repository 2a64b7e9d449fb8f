using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Log;

/// <summary>Tells which cursors a log can serve.</summary>
internal static class CursorCheck
{
    /// <summary>The reason why a cursor can't be served; <c>null</c> where it can.</summary>
    public static ResyncReason? Refuse(Epoch epoch, Offset last, Offset trimmedThrough, Cursor cursor)
        => cursor.After > Offset.Start && cursor.Epoch is { } theirs && theirs != epoch ? ResyncReason.Epoch
            : cursor.After > last ? ResyncReason.Ahead
            : cursor.After < trimmedThrough ? ResyncReason.Trimmed
            : null;
}
