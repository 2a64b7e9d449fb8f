using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace AgentStream.Conformance.Wire;

/// <summary>A socket. What comes is checked as it comes: <c>connected</c> first, whole entries, none twice and none missing.</summary>
internal sealed class Connection(ClientWebSocket socket, CancellationToken cancellationToken) : IDisposable
{
    private readonly FrameOrder _order = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public string? SubProtocol => socket.SubProtocol;

    /// <summary>All frames that have come, short ones written out.</summary>
    public List<JsonElement> Frames { get; } = [];

    /// <summary>The entries among them.</summary>
    public IEnumerable<JsonElement> Entries => Frames.Where(frame => frame.TryGetProperty("seq", out _));

    /// <summary>The code of the close frame, where one has come.</summary>
    public int? CloseCode => (int?)socket.CloseStatus;

    public Task SayAsync(string frame) => SayAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text);

    public Task SayAsync(byte[] bytes, WebSocketMessageType type) => socket.SendAsync(bytes, type, endOfMessage: true, cancellationToken);

    public Task ChatAsync(string payload) => SayAsync($$"""{"type":"chat","payload":{{payload}}}""");

    /// <summary>Reads until a frame fits.</summary>
    public async Task<JsonElement> UntilAsync(Func<JsonElement, bool> fits)
    {
        while (await NextAsync() is { } frame)
        {
            if (fits(frame))
            {
                return frame;
            }
        }

        throw new BrokenPromiseException($"the server closed with {CloseCode}, where more was to come");
    }

    public Task<JsonElement> UntilAsync(string type) => UntilAsync(frame => frame.Type() == type);

    /// <summary>Reads to the end of a run.</summary>
    public Task<JsonElement> UntilFinishedAsync(string runId)
        => UntilAsync(frame => frame.Type() == "run_finished" && frame.GetProperty("run_id").GetString() == runId);

    /// <summary>Reads until the server closes.</summary>
    public async Task<int?> UntilClosedAsync()
    {
        while (await NextAsync() is not null)
        {
            // What was on its way.
        }

        return CloseCode;
    }

    /// <summary>Breaks it without a goodbye.</summary>
    public void Cut() => socket.Abort();

    public void Dispose() => socket.Dispose();

    private async Task<JsonElement?> NextAsync()
    {
        using var message = new MemoryStream();
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            Promise.Same(WebSocketMessageType.Text, part.MessageType, "the kind of a frame");
            message.Write(_buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        var frame = _order.Take(JsonElement.Parse(message.GetBuffer().AsSpan(0, (int)message.Length)));
        Frames.Add(frame);
        return frame;
    }
}
