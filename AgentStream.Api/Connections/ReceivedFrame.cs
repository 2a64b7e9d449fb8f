namespace AgentStream.Api.Connections;

/// <summary>What a client sent, or what is wrong with it.</summary>
internal enum FrameKind
{
    Text,
    Binary,
    Ping,
    Close,
    TooBig,
    Broken,
}

/// <summary>A message of a client, or a frame about the connection.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">The text, or what a ping wants back.</param>
/// <param name="Reason">What a close, or a frame that is broken, is answered with.</param>
internal readonly record struct ReceivedFrame(FrameKind Kind, ReadOnlyMemory<byte> Bytes = default, CloseReason? Reason = null);
