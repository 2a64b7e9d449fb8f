using System.Buffers.Binary;
using System.Text;

namespace AgentStream.Tests.Api.Connections.Strict;

/// <summary>Writes what clients send, mostly as they may and sometimes as they may not.</summary>
internal sealed class ClientFrames(Random random, int maxMessage)
{
    private static readonly int[] Lengths = [0, 1, 2, 124, 125, 126, 127, 128, 1_000, 65_535, 65_536];
    private static readonly int[] Codes =
        [0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 2999, 3000, 4400, 4999, 5000];

    private readonly List<byte> _bytes = [];

    /// <summary>Makes all that one client sends.</summary>
    public byte[] Connection()
    {
        _bytes.Clear();
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            Message();
        }

        byte[] all = [.. _bytes];
        return Rarely(5) ? all[..random.Next(all.Length)] : all;
    }

    private void Message()
    {
        if (Rarely(10))
        {
            Control(8);
            return;
        }

        var payload = Payload();
        var opCode = Rarely(20) ? 2 : Rarely(40) ? random.Next(16) : 1;
        do
        {
            if (Rarely(4))
            {
                Control(Rarely(2) ? 9 : 10);
            }

            var part = Rarely(2) ? payload.Length : random.Next(payload.Length + 1);
            var isFinal = part == payload.Length && !Rarely(10);
            Frame(opCode, isFinal, payload[..part]);
            payload = payload[part..];
            opCode = Rarely(60) ? random.Next(16) : 0;
            if (isFinal)
            {
                return;
            }
        }
        while (!Rarely(60));
    }

    private byte[] Payload()
    {
        var length = Rarely(40) ? maxMessage + random.Next(-1, 2) : Rarely(3) ? Lengths[random.Next(Lengths.Length)] : random.Next(200);
        if (Rarely(20))
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            return noise;
        }

        var text = new StringBuilder();
        for (var left = length; left > 0;)
        {
            var next = random.Next(4) switch { 0 when left >= 4 => "😀", 1 when left >= 3 => "€", 2 when left >= 2 => "ü", _ => "a" };
            text.Append(next);
            left -= Encoding.UTF8.GetByteCount(next);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Control(int opCode)
    {
        var payload = new byte[Rarely(20) ? random.Next(120, 140) : random.Next(20)];
        random.NextBytes(payload);
        if (opCode == 8 && payload.Length >= 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)Codes[random.Next(Codes.Length)]);
            if (!Rarely(5))
            {
                payload.AsSpan(2).Fill((byte)'x');
            }
        }

        Frame(opCode, !Rarely(60), payload);
    }

    private void Frame(int opCode, bool isFinal, byte[] payload)
    {
        var isMasked = !Rarely(150);
        var reserved = Rarely(150) ? random.Next(8) << 4 : 0;
        _bytes.Add((byte)((isFinal ? 0x80 : 0) | reserved | opCode));
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(length, payload.Length);
        var form = payload.Length < 126 && !Rarely(20) ? 0 : payload.Length <= ushort.MaxValue && !Rarely(20) ? 126 : 127;
        _bytes.Add((byte)((isMasked ? 0x80 : 0) | (form == 0 ? payload.Length : form)));
        _bytes.AddRange(form switch { 0 => [], 126 => length[6..], _ => length });
        var mask = new byte[4];
        if (isMasked)
        {
            random.NextBytes(mask);
            _bytes.AddRange(mask);
        }

        for (var i = 0; i < payload.Length; i++)
        {
            _bytes.Add((byte)(payload[i] ^ mask[i % 4]));
        }
    }

    private bool Rarely(int oneIn) => random.Next(oneIn) == 0;
}
