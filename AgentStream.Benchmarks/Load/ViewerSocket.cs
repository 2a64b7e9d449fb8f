using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Benchmarks.Load;

/// <summary>A WebSocket client that costs little: it parses frames where they lie in its buffer, and hands on a view of each.</summary>
/// <param name="protocol">What it says and counts.</param>
/// <param name="tally">Where it counts.</param>
internal sealed class ViewerSocket(ViewerProtocol protocol, Tally tally) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = new byte[4 * 1024];
    private int _filled;
    private Task _reading = Task.CompletedTask;

    /// <summary>Connects, says hello and waits until everything that is sent from now on will be delivered.</summary>
    public async Task JoinAsync(int port, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync("127.0.0.1", port, cancellationToken);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        var request = $"GET {protocol.Path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + (protocol.SubProtocol is { } name ? $"Sec-WebSocket-Protocol: {name}\r\n" : "")
            + (protocol.Authorization is { } token ? $"Authorization: {token}\r\n" : "")
            + $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
        await ReadUpgradeAsync(cancellationToken);
        foreach (var hello in protocol.Hello)
        {
            await SendAsync(hello);
        }

        if (protocol.IsJoinedByUpgrade)
        {
            _joined.TrySetResult();
        }

        _reading = ReadAsync();
        var first = await Task.WhenAny(_joined.Task, _reading).WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        if (first == _reading && !_joined.Task.IsCompleted)
        {
            await _reading;
            throw new InvalidOperationException("The server closed the socket before the viewer had joined.");
        }
    }

    /// <summary>Waits until the socket has ended; fails where a frame could not be read.</summary>
    public Task EndedAsync() => _reading;

    public void Dispose() => _socket.Dispose();

    private async Task ReadUpgradeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), cancellationToken);
            _filled += read;
            var end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var head = Encoding.ASCII.GetString(_buffer, 0, end);
                if (!head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"The server did not upgrade: {head}");
                }

                Keep(end + 4);
                return;
            }

            if (read == 0)
            {
                throw new InvalidOperationException("The server closed the socket in the handshake.");
            }
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                await TakeFramesAsync();
                if (_filled == _buffer.Length)
                {
                    Array.Resize(ref _buffer, _buffer.Length * 2);
                }

                var read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled));
                if (read == 0)
                {
                    return;
                }

                _filled += read;
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The measurement is over, or the server has gone: what was not delivered is missing in the count.
        }
    }

    private async ValueTask TakeFramesAsync()
    {
        var at = 0;
        while (TryFrame(_buffer.AsSpan(at, _filled - at), out var size, out var payload, out var opcode))
        {
            var frame = _buffer.AsMemory(at + payload, size - payload);
            at += size;
            if (opcode == 9)
            {
                await SendAsync(frame.ToArray(), opcode: 10);
            }
            else if (opcode is 1 or 2 && Take(frame.Span) is { } answer)
            {
                await SendAsync(answer);
            }
        }

        if (at > 0)
        {
            Keep(at);
        }
    }

    private byte[]? Take(ReadOnlySpan<byte> frame)
    {
        if (!_joined.Task.IsCompleted && protocol.IsJoined(frame))
        {
            _joined.TrySetResult();
        }
        else if (protocol.Counts(frame))
        {
            tally.Take(frame);
        }

        return protocol.Answer(frame);
    }

    private void Keep(int from)
    {
        _buffer.AsSpan(from, _filled - from).CopyTo(_buffer);
        _filled -= from;
    }

    // A client masks what it sends (RFC 6455, section 5.3); a mask of zeros leaves the payload as it is.
    private async ValueTask SendAsync(byte[] payload, byte opcode = 1)
    {
        var header = payload.Length < 126 ? 2 : 4;
        var frame = new byte[header + 4 + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        frame[1] = (byte)(0x80 | (payload.Length < 126 ? payload.Length : 126));
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        payload.CopyTo(frame, header + 4);
        await _socket.SendAsync(frame);
    }

    private static bool TryFrame(ReadOnlySpan<byte> bytes, out int size, out int payload, out int opcode)
    {
        size = payload = opcode = 0;
        if (bytes.Length < 2)
        {
            return false;
        }

        opcode = bytes[0] & 0x0F;
        long length = bytes[1] & 0x7F;
        payload = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (bytes.Length < payload)
        {
            return false;
        }

        length = length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]),
            _ => length,
        };
        size = (int)(payload + length);
        return bytes.Length >= size;
    }
}
