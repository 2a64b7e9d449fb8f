using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Commands;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>Sends the frames of all requests of a socket, one at a time.</summary>
internal sealed class UiSocketSender(WebSocket socket) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Whether an exception says no more than that the client has gone.</summary>
    public static bool IsGone(Exception exception)
        => exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    public void Dispose() => _turn.Dispose();

    /// <summary>Sends a frame that is no chunk.</summary>
    public Task SendAsync(UiSocketAnswer answer)
        => SendAsync(JsonSerializer.SerializeToUtf8Bytes(answer, UiMessageJson.Wire.UiSocketAnswer));

    /// <summary>Sends the events that something writes as chunks, and the end of their stream.</summary>
    /// <param name="requestId">The request that they answer.</param>
    /// <param name="write">Writes them as Server-Sent Events, and tells whether it was refused.</param>
    public async Task<Refusal?> SendChunksAsync(string requestId, Func<PipeWriter, Task<Refusal?>> write)
    {
        var pipe = new Pipe();
        var sending = SendChunksAsync(requestId, pipe.Reader);
        Refusal? refusal;
        try
        {
            refusal = await write(pipe.Writer);
        }
        finally
        {
            await pipe.Writer.CompleteAsync();
            await sending;
        }

        return refusal;
    }

    public async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        await _turn.WaitAsync();
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status, reason, CancellationToken.None);
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // There is nobody to close with.
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SendChunksAsync(string requestId, PipeReader events)
    {
        var frame = new ArrayBufferWriter<byte>();
        var id = JsonSerializer.Serialize(requestId, UiMessageJson.Wire.String);
        var sequence = 0;
        try
        {
            while (true)
            {
                var read = await events.ReadAsync();
                var bytes = read.Buffer;
                while (TryReadEvent(ref bytes, out var data))
                {
                    if (data.SequenceEqual("[DONE]"u8))
                    {
                        await SendAsync(new UiSocketAnswer("end", requestId));
                    }
                    else if (data.Length > 0)
                    {
                        frame.ResetWrittenCount();
                        Encoding.UTF8.GetBytes($$"""{"type":"chunk","requestId":{{id}},"sequence":{{sequence++}},"chunk":""", frame);
                        frame.Write(data);
                        frame.Write("}"u8);
                        await SendAsync(frame.WrittenMemory);
                    }
                }

                events.AdvanceTo(bytes.Start, bytes.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // Whoever writes sees it at the next event.
        }
        finally
        {
            await events.CompleteAsync();
        }
    }

    // id: 3f2a…:17\ndata: {…}\n\n, or a comment, which is nothing here: a socket beats by itself.
    private static bool TryReadEvent(ref ReadOnlySequence<byte> bytes, out byte[] data)
    {
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> text, "\n\n"u8))
        {
            data = [];
            return false;
        }

        bytes = bytes.Slice(reader.Position);
        var lines = new SequenceReader<byte>(text);
        data = lines.TryReadTo(out ReadOnlySequence<byte> _, "data: "u8) ? lines.UnreadSequence.ToArray() : [];
        return true;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> frame)
    {
        await _turn.WaitAsync();
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }
}
