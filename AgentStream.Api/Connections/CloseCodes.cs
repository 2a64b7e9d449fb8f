namespace AgentStream.Api.Connections;

/// <summary>The close codes of the socket, and what a client does about them. The same table stands in <c>docs/protocol.md</c>.</summary>
/// <remarks>
/// 4400 to 4499: the client's fault, don't repeat what you did. 4500 to 4599: the server's trouble, come back with growing pauses.
/// </remarks>
internal static class CloseCodes
{
    /// <summary>The client gave no code, and gets none.</summary>
    public static CloseReason None { get; } = new(1005, "");

    /// <summary>The server goes away or restarts: come back after a short random pause, with your cursor.</summary>
    public static CloseReason GoingAway { get; } = new(1001, "going away, come back");

    /// <summary>What came is no frame that a client may send.</summary>
    public static CloseReason ProtocolError { get; } = new(1002, "not a frame of RFC 6455");

    /// <summary>A text frame, or the reason of a close, was no UTF-8.</summary>
    public static CloseReason NoText { get; } = new(1007, "text that is no UTF-8");

    /// <summary>You may not (any more): don't come back as you are.</summary>
    public static CloseReason Forbidden { get; } = new(1008, "you may not follow this session");

    /// <summary>A frame was larger than the server takes.</summary>
    public static CloseReason TooBig { get; } = new(1009, "frame too big");

    /// <summary>A binary frame: this protocol is text.</summary>
    public static CloseReason BinaryFrame { get; } = new(4400, "text frames only");

    /// <summary>What you were recognised by does not hold any more: sign in again, then come back.</summary>
    public static CloseReason SignedOut { get; } = new(4401, "signed out");

    /// <summary>Too many unusable frames in a row.</summary>
    public static CloseReason TooManyBadFrames { get; } = new(4408, "too many unusable frames");

    /// <summary>More frames a second than the server takes.</summary>
    public static CloseReason Flood { get; } = new(4429, "too many frames");

    /// <summary>Something went wrong in the server; its log says what.</summary>
    public static CloseReason InternalError { get; } = new(4500, "internal error, come back");
}

/// <summary>The reason why a socket is closed.</summary>
/// <param name="Code">The close code.</param>
/// <param name="Text">For people who debug.</param>
internal sealed record CloseReason(int Code, string Text);
