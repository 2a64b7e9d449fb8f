using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Api.Support;

/// <summary>A plain WebSocket client.</summary>
internal sealed class SocketClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly ShortFrames _shortFrames = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? SubProtocol => _socket.SubProtocol;

    public static Task<SocketClient> ConnectAsync(Uri address, string? origin = null, params string[] subProtocols)
        => ConnectAsync(address, origin, authorization: null, subProtocols);

    public static Task<SocketClient> ConnectAsAsync(string authorization, Uri address)
        => ConnectAsync(address, origin: null, authorization, []);

    private static async Task<SocketClient> ConnectAsync(Uri address, string? origin, string? authorization, string[] subProtocols)
    {
        var client = new SocketClient();
        client._socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            client._socket.Options.SetRequestHeader("Origin", origin);
        }

        if (authorization is not null)
        {
            client._socket.Options.SetRequestHeader("Authorization", authorization);
        }

        foreach (var name in subProtocols)
        {
            client._socket.Options.AddSubProtocol(name);
        }

        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await client._socket.ConnectAsync(address, patience.Token);
        return client;
    }

    public Task SendAsync(string text, bool endOfMessage = true)
        => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage);

    public async Task SendAsync(byte[] bytes, WebSocketMessageType type, bool endOfMessage = true)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await _socket.SendAsync(bytes, type, endOfMessage, patience.Token);
    }

    public Task ChatAsync(string message, string messageId)
        => SendAsync(JsonSerializer.Serialize(new { type = "chat", payload = new { message, message_id = messageId } }));

    /// <summary>The next frame; <c>null</c>: the server closed.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        using var frame = new MemoryStream();
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer, patience.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            frame.Write(_buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                return _shortFrames.Read(JsonElement.Parse(frame.ToArray()));
            }
        }
    }

    /// <summary>The next frame, of the type that has to come.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        var frame = await NextAsync();
        Assert.True(frame is not null, $"closed with {CloseStatus} in place of {type}");
        Assert.Equal(type, frame.Value.GetProperty("type").GetString());
        return frame.Value;
    }

    /// <summary>All frames up to and with the first of a type.</summary>
    public async Task<List<JsonElement>> UntilAsync(string type)
    {
        var frames = new List<JsonElement>();
        do
        {
            var frame = await NextAsync();
            Assert.True(frame is not null, $"closed with {CloseStatus} before {type}");
            frames.Add(frame.Value);
        }
        while (frames[^1].GetProperty("type").GetString() != type);
        return frames;
    }

    /// <summary>Reads on until the server closes, and answers the close.</summary>
    public async Task<int> UntilClosedAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        var status = (int)_socket.CloseStatus!.Value;
        await CloseAsync();
        return status;
    }

    public async Task CloseAsync()
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
