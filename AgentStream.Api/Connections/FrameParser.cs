using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text.Unicode;

namespace AgentStream.Api.Connections;

/// <summary>
/// Reads what a client sends, cut anywhere, as strictly as RFC 6455 wants it: whole text messages, pings and closes.
/// Messages that nobody wants, binary or too big, are told when they begin, and read away.
/// </summary>
/// <remarks>
/// A buffer is rented when something of a message has come, grows with what comes and not with what was announced,
/// and is given back when the message was dealt with: a silent client has none.
/// </remarks>
internal sealed class FrameParser(int maxBytes)
{
    private const int FirstBuffer = 4 * 1024;

    /// <summary>The number of frames that a message may come in: more are sent only to keep a server busy.</summary>
    private const int MaxFragments = 4 * 1024;

    private byte[]? _buffer;
    private int _length;
    private bool _isTold;

    // The message under way: between its first frame and its last, others about the connection may come.
    private bool _isUnderWay;
    private bool _isUnwanted;
    private int _fragments;

    // The frame of a message that is being read.
    private bool _isInPayload;
    private bool _isFinal;
    private long _left;
    private uint _mask;

    /// <summary>Whether a message has begun, and not come to its end.</summary>
    public bool IsUnderWay => _isUnderWay || _isInPayload;

    /// <summary>The number of messages that have begun.</summary>
    public long Begun { get; private set; }

    /// <summary>Takes from the front of <paramref name="bytes"/> what can be read.</summary>
    /// <param name="bytes">What has come. What is left of it has to come again, with more after it.</param>
    /// <param name="frame">Its bytes are good until the next call. After one that is broken nothing can be read.</param>
    /// <returns>False: more has to come first.</returns>
    public bool TryRead(ref ReadOnlySequence<byte> bytes, out ReceivedFrame frame)
    {
        if (_isTold)
        {
            Release();
        }

        while (TryStep(ref bytes, out var told))
        {
            if (told is { } known)
            {
                frame = known;
                return true;
            }
        }

        frame = default;
        return false;
    }

    /// <summary>Gives the buffer back. Nothing can be read after it where a message was under way.</summary>
    public void Release()
    {
        (_isTold, _length) = (false, 0);
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryStep(ref ReadOnlySequence<byte> bytes, out ReceivedFrame? told)
    {
        told = null;
        if (_isInPayload)
        {
            TakePayload(ref bytes);
            if (_left > 0)
            {
                return false;
            }

            _isInPayload = false;
            told = _isFinal && !_isUnwanted ? EndMessage() : null;
            return true;
        }

        if (FrameHeader.Read(bytes) is not { } header)
        {
            return false;
        }

        if (!IsInOrder(header))
        {
            told = Broken(CloseCodes.ProtocolError);
            return true;
        }

        if (header.Size == 0 || (header.IsControl && bytes.Length < header.Size + header.Payload))
        {
            return false;
        }

        bytes = bytes.Slice(header.Size);
        told = header.IsControl ? TakeControl(ref bytes, header) : Begin(header);
        return true;
    }

    private bool IsInOrder(FrameHeader header)
        => header.IsAllowed && header.Payload >= 0 && (header.IsControl || header.OpCode == OpCode.Continuation == _isUnderWay);

    private ReceivedFrame? Begin(FrameHeader header)
    {
        (_isInPayload, _isFinal, _left, _mask) = (true, header.IsFinal, header.Payload, header.Mask);
        _isUnderWay = !header.IsFinal;
        _isUnwanted &= header.OpCode == OpCode.Continuation;
        (_fragments, Begun) = header.OpCode == OpCode.Continuation ? (_fragments + 1, Begun) : (0, Begun + 1);
        if (_isUnwanted
            || (header.OpCode != OpCode.Binary && header.Payload <= maxBytes - _length && _fragments < MaxFragments))
        {
            return null;
        }

        Release();
        _isUnwanted = true;
        return new ReceivedFrame(header.OpCode == OpCode.Binary ? FrameKind.Binary : FrameKind.TooBig);
    }

    private void TakePayload(ref ReadOnlySequence<byte> bytes)
    {
        var part = bytes.Slice(0, Math.Min(bytes.Length, _left));
        bytes = bytes.Slice(part.End);
        _left -= part.Length;
        if (!_isUnwanted && !part.IsEmpty)
        {
            var taken = Room((int)part.Length);
            part.CopyTo(taken);
            Unmask(taken, _mask);
            _mask = BitOperations.RotateRight(_mask, 8 * (taken.Length % sizeof(uint)));
        }
    }

    private ReceivedFrame EndMessage()
    {
        _isTold = true;
        var text = _buffer.AsMemory(0, _length);
        return Utf8.IsValid(text.Span) ? new ReceivedFrame(FrameKind.Text, text) : Broken(CloseCodes.NoText);
    }

    private static ReceivedFrame? TakeControl(ref ReadOnlySequence<byte> bytes, FrameHeader header)
    {
        var payload = bytes.Slice(0, header.Payload).ToArray();
        bytes = bytes.Slice(header.Payload);
        Unmask(payload, header.Mask);
        return header.OpCode switch
        {
            OpCode.Close => ReadClose(payload),
            OpCode.Ping => new ReceivedFrame(FrameKind.Ping, payload),
            _ => null,
        };
    }

    private static ReceivedFrame ReadClose(byte[] payload)
    {
        if (payload.Length == 0)
        {
            return new ReceivedFrame(FrameKind.Close, Reason: CloseCodes.None);
        }

        var code = payload.Length == 1 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        var mayBeSent = code is (>= 1000 and <= 1014 and not (1004 or 1005 or 1006)) or (>= 3000 and <= 4999);
        return !mayBeSent ? Broken(CloseCodes.ProtocolError)
            : Utf8.IsValid(payload.AsSpan(2)) ? new ReceivedFrame(FrameKind.Close, Reason: new CloseReason(code, ""))
            : Broken(CloseCodes.NoText);
    }

    private static ReceivedFrame Broken(CloseReason reason) => new(FrameKind.Broken, Reason: reason);

    private static void Unmask(Span<byte> bytes, uint mask)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= (byte)(mask >> (8 * (i % sizeof(uint))));
        }
    }

    private Span<byte> Room(int count)
    {
        var needed = _length + count;
        if (_buffer is null || needed > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, Math.Max(needed, 2 * _length)));
            if (_buffer is { } full)
            {
                full.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(full);
            }

            _buffer = larger;
        }

        var room = _buffer.AsSpan(_length, count);
        _length = needed;
        return room;
    }
}
