using System.Buffers.Binary;
using System.Text;

namespace AgentStream.Api.Connections;

/// <summary>The frames of a server that are about the connection (RFC 6455, 5.5).</summary>
internal static class ControlFrames
{
    private const byte Final = 0x80;

    /// <summary>The answer to a ping.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> payload) => [Final | (byte)OpCode.Pong, (byte)payload.Length, .. payload];

    public static byte[] Close(CloseReason reason)
    {
        if (reason == CloseCodes.None)
        {
            return [Final | (byte)OpCode.Close, 0];
        }

        Span<byte> code = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(code, (ushort)reason.Code);
        var text = Encoding.UTF8.GetBytes(reason.Text);
        return [Final | (byte)OpCode.Close, (byte)(code.Length + text.Length), .. code, .. text];
    }
}
