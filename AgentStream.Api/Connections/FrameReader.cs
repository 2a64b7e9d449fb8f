using System.Buffers;
using System.Net.WebSockets;

namespace AgentStream.Api.Connections;

/// <summary>
/// Reads whole frames.
/// A silent client costs no buffer: one is rented when something has come, and given back when the frame was dealt with.
/// </summary>
internal sealed class FrameReader(WebSocket socket, int maxBytes) : IDisposable
{
    private const int FirstBuffer = 4 * 1024;

    private byte[]? _buffer;

    /// <summary>Waits for the next frame. Its bytes are good until the next call.</summary>
    public async ValueTask<ReceivedFrame> ReadAsync()
    {
        Dispose();

        // No token anywhere here: cancelling a receive aborts the socket without a close frame.
        var received = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        var length = 0;
        while (received.MessageType == WebSocketMessageType.Text && !received.EndOfMessage)
        {
            if (length > maxBytes)
            {
                return new ReceivedFrame(FrameKind.TooBig, default);
            }

            received = await socket.ReceiveAsync(Room(length), CancellationToken.None);
            length += received.Count;
        }

        return received.MessageType switch
        {
            WebSocketMessageType.Close => new ReceivedFrame(FrameKind.Close, default),
            WebSocketMessageType.Binary => new ReceivedFrame(FrameKind.Binary, default),
            _ when length > maxBytes => new ReceivedFrame(FrameKind.TooBig, default),
            _ => new ReceivedFrame(FrameKind.Text, _buffer.AsMemory(0, length)),
        };
    }

    /// <summary>
    /// Waits until the client has closed, and reads away what it sends meanwhile, the rest of a frame that nobody wants included.
    /// </summary>
    public async ValueTask DrainAsync()
    {
        // With no room for it, the rest of a frame would be reported for ever.
        while ((await socket.ReceiveAsync(Room(0), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Memory<byte> Room(int used)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        }
        else if (used == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(used * 2);
            _buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(used);
    }
}

/// <summary>A frame from a client, or what came in its place.</summary>
internal enum FrameKind
{
    Text,
    Binary,
    TooBig,
    Close,
}

/// <summary>A frame of a client.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">The text, where it is one.</param>
internal readonly record struct ReceivedFrame(FrameKind Kind, ReadOnlyMemory<byte> Bytes);
