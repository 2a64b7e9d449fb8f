using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Samples.Terminal;

/// <summary>The server does not want this client (any more), and says why.</summary>
internal sealed class SessionEndedException(string message) : Exception(message);

/// <summary>
/// A session over a WebSocket that may break at any time: it comes back with its cursor, gets what it missed,
/// and sends again what the server did not say it had.
/// </summary>
/// <param name="api">Where the API is.</param>
/// <param name="sessionId">The session.</param>
/// <param name="after">Where to go on; null: a snapshot comes first.</param>
/// <param name="lost">Told of each pause before an attempt to come back.</param>
internal sealed class SessionClient(Uri api, string sessionId, Cursor? after, Action<TimeSpan> lost) : IAsyncDisposable
{
    // Two heartbeats.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, JsonObject> _unaccepted = [];
    private ClientWebSocket? _socket;
    private int _attempt;

    /// <summary>The place that it has come to.</summary>
    public Cursor? Cursor { get; private set; } = after;

    /// <summary>Sends a message, now or as soon as there is a connection, and until it is accepted.</summary>
    public async Task ChatAsync(JsonObject message)
    {
        _unaccepted[message["message_id"]!.GetValue<string>()] = message;
        await TrySendAsync(Outgoing.Chat(message));
    }

    /// <summary>False: there is no connection at the moment.</summary>
    public async Task<bool> TrySendAsync(string frame)
    {
        try
        {
            if (_socket is not { State: WebSocketState.Open } socket)
            {
                return false;
            }

            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The next frame that is new, whatever it takes.</summary>
    /// <exception cref="SessionEndedException">Coming back would be no use.</exception>
    public async Task<Frame> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _socket ??= await ConnectAsync(cancellationToken);
                var frame = Frame.Parse((await ReceiveAsync(_socket, cancellationToken)).Span);
                (var isNew, Cursor) = Cursor.Follow(Cursor, frame);
                if (frame.Type is "accepted" or "error" && frame.Text("message_id") is { } answered)
                {
                    _unaccepted.Remove(answered);
                }

                _attempt = 0;
                if (isNew)
                {
                    return frame;
                }
            }
            catch (Exception exception) when (exception is WebSocketException or GapException or IOException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                _socket?.Dispose();
                _socket = null;
                var pause = Backoff.Pause(++_attempt, Random.Shared.NextDouble());
                lost(pause);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    /// <summary>The state of the session, for a client that came without a snapshot.</summary>
    /// <exception cref="SessionEndedException">It is not available.</exception>
    public async Task<JsonElement> StateAsync()
    {
        using var http = new HttpClient { BaseAddress = api };
        try
        {
            return await http.GetFromJsonAsync<JsonElement>($"/api/sessions/{Uri.EscapeDataString(sessionId)}?limit=1");
        }
        catch (HttpRequestException)
        {
            throw new SessionEndedException($"The server at {api} does not say what the session is up to.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket is { State: WebSocketState.Open } socket)
        {
            using var closing = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, closing.Token);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                // It was gone already.
            }
        }

        _socket?.Dispose();
    }

    private async Task<ClientWebSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(api)
        {
            Scheme = api.Scheme == "https" ? "wss" : "ws",
            Path = $"/ws/chat/{Uri.EscapeDataString(sessionId)}",
            Query = Cursor is null ? "" : $"after={Cursor.Seq}&epoch={Uri.EscapeDataString(Cursor.Epoch)}",
        };
        try
        {
            await socket.ConnectAsync(address.Uri, cancellationToken);
            foreach (var message in _unaccepted.Values)
            {
                await socket.SendAsync(
                    Encoding.UTF8.GetBytes(Outgoing.Chat(message)), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
            }

            return socket;
        }
        catch (WebSocketException) when ((int)socket.HttpStatusCode is >= 400 and < 500)
        {
            // Refused before there was a socket: the same request would be refused again. Anything else may pass.
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            throw new SessionEndedException($"The server at {api} refuses the session '{sessionId}' ({status}): {ReasonOf(status)}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string ReasonOf(int status) => status switch
    {
        400 => "a session id has 1 to 128 of the characters A-Z a-z 0-9 _ -, and --after takes EPOCH:SEQ.",
        403 => "it is not served under this name, or the session is somebody else's.",
        404 => "there is no AgentStream API at this address.",
        _ => "it does not want this client as it is.",
    };

    private static async Task<ReadOnlyMemory<byte>> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), either.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                // 1008 and 44xx: this client is not wanted as it is. Everything else: come back.
                throw socket.CloseStatus is WebSocketCloseStatus.PolicyViolation || (int?)socket.CloseStatus is >= 4400 and <= 4499
                    ? new SessionEndedException(
                        $"The server closed the session ({(int)socket.CloseStatus!}): {socket.CloseStatusDescription}")
                    : new WebSocketException("closed");
            }

            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }
}
