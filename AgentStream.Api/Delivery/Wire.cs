using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AgentStream.Api.Delivery;

/// <summary>A form in which frames go to clients.</summary>
internal enum Wire
{
    WebSocket,
    EventStream,

    /// <summary>As <see cref="WebSocket"/>, and a delta that continues the entry before it says only what is new.</summary>
    ShortWebSocket,

    /// <summary>The entries themselves, for a connection that says them in words of its own.</summary>
    Entries,
}

/// <summary>Puts frames into the form of a wire, with all that stands around them, so that the same bytes go to every client.</summary>
internal static class WireFormat
{
    private const byte FinalText = 0x81;

    public static byte[] Encode(this Wire wire, OutgoingFrame frame)
    {
        var bytes = new ArrayBufferWriter<byte>(frame.Bytes.Length + 128);
        wire.Write(bytes, frame);
        return bytes.WrittenSpan.ToArray();
    }

    public static void Write(this Wire wire, IBufferWriter<byte> to, OutgoingFrame frame)
    {
        if (wire == Wire.Entries)
        {
            return;
        }

        if (wire != Wire.EventStream)
        {
            WriteHeader(to, frame.Bytes.Length);
            to.Write(frame.Bytes.Span);
            return;
        }

        // event: step_delta\nid: 3f2a…:17\ndata: {"seq":17,…}\n\n – the JSON has no line break of its own.
        WriteText(to, frame.Position is { } reached
            ? $"event: {frame.Type}\nid: {reached.Epoch}:{reached.After}\ndata: "
            : $"event: {frame.Type}\ndata: ");
        to.Write(frame.Bytes.Span);
        to.Write("\n\n"u8);
    }

    // RFC 6455, 5.2: one final text frame; what a server sends is not masked.
    private static void WriteHeader(IBufferWriter<byte> to, int length)
    {
        var header = to.GetSpan(10);
        header[0] = FinalText;
        switch (length)
        {
            case < 126:
                header[1] = (byte)length;
                to.Advance(2);
                break;
            case <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
                to.Advance(4);
                break;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)length);
                to.Advance(10);
                break;
        }
    }

    private static void WriteText(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);
}
