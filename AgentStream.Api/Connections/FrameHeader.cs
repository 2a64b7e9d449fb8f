using System.Buffers;
using System.Buffers.Binary;

namespace AgentStream.Api.Connections;

/// <summary>The kinds of frames (RFC 6455, 5.2); from <see cref="Close"/> on they are about the connection.</summary>
internal enum OpCode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>The header of a frame from a client.</summary>
/// <param name="OpCode">The kind of frame.</param>
/// <param name="IsFinal">Whether its message ends with it.</param>
/// <param name="IsAllowed">Whether a client may send such a frame at all.</param>
/// <param name="Size">The length of the header; 0: a part of it has not come yet, and what follows here is not known.</param>
/// <param name="Payload">The length of what comes after the header; below zero: one that nobody can mean.</param>
/// <param name="Mask">The key that the payload is masked with.</param>
internal readonly record struct FrameHeader(OpCode OpCode, bool IsFinal, bool IsAllowed, int Size, long Payload, uint Mask)
{
    private const int LongestHeader = 14;
    private const int LongestControlPayload = 125;

    public bool IsControl => OpCode >= OpCode.Close;

    /// <summary>Reads a header; <c>null</c>: not even its first two bytes have come.</summary>
    public static FrameHeader? Read(ReadOnlySequence<byte> bytes)
    {
        Span<byte> head = stackalloc byte[LongestHeader];
        head = head[..(int)Math.Min(bytes.Length, LongestHeader)];
        if (head.Length < 2)
        {
            return null;
        }

        // FIN RSV1 RSV2 RSV3 opcode(4), MASK length(7), length(16 or 64 where it is 126 or 127), mask(32)
        bytes.Slice(0, head.Length).CopyTo(head);
        var (opCode, isFinal, length) = ((OpCode)(head[0] & 0x0F), (head[0] & 0x80) != 0, head[1] & 0x7F);
        var isKnown = opCode is <= OpCode.Binary or (>= OpCode.Close and <= OpCode.Pong);
        var isAllowed = isKnown
            && (head[0] & 0x70) == 0
            && (head[1] & 0x80) != 0
            && (opCode < OpCode.Close || (isFinal && length <= LongestControlPayload));
        var size = length switch { 126 => 8, 127 => 14, _ => 6 };
        if (head.Length < size)
        {
            return new FrameHeader(opCode, isFinal, isAllowed, 0, 0, 0);
        }

        var payload = length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(head[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(head[2..]),
            _ => length,
        };
        return new FrameHeader(opCode, isFinal, isAllowed, size, payload, BinaryPrimitives.ReadUInt32LittleEndian(head[(size - 4)..]));
    }
}
