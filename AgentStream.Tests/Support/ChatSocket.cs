using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace AgentStream.Tests.Support;

/// <summary>
/// A plain WebSocket client that checks what every client may rely on: each offset once and in order, or a snapshot in their place.
/// It speaks the two sub-protocols in turn, another one with each connection.
/// </summary>
internal sealed class ChatSocket(Uri api, string sessionId) : IAsyncDisposable
{
    private ClientWebSocket? _socket;
    private ShortFrames _shortFrames = new();
    private int _version = 2;

    /// <summary>The server that it connects to next.</summary>
    public Uri Api { get; set; } = api;

    /// <summary>Whether it takes any certificate of localhost: tests make their own.</summary>
    public bool TrustsLocalhost { get; init; }

    /// <summary>Log entries by offset, over all connections.</summary>
    public SortedDictionary<long, JsonElement> Log { get; } = [];

    public string? Epoch { get; private set; }

    /// <summary>The last offset this client has; it resumes after it.</summary>
    public long LastSeq { get; private set; }

    public JsonElement? Snapshot { get; private set; }

    public JsonElement? Resync { get; private set; }

    /// <summary>Frames outside the log, in order.</summary>
    public List<JsonElement> Notices { get; } = [];

    public IEnumerable<JsonElement> Steps => Of("reasoning_step").Select(entry => entry.GetProperty("data"));

    public IEnumerable<JsonElement> Of(string type) => Log.Values.Where(entry => entry.GetProperty("type").GetString() == type);

    /// <summary>The finished steps that still stand.</summary>
    public IReadOnlyList<JsonElement> KeptSteps
    {
        get
        {
            var superseded = Of("step_superseded").SelectMany(entry => entry.GetProperty("data").GetProperty("step_ids").EnumerateArray())
                .Select(id => id.GetString()).ToHashSet();
            return [.. Steps.Where(step => !superseded.Contains(step.GetProperty("step_id").GetString()))];
        }
    }

    /// <summary>
    /// The first offset it was given.
    /// Frames of merged deltas stand for several, so keys alone have holes;
    /// that none is missing between frames is checked of each as it comes.
    /// </summary>
    public long FirstSeq => Log.Count == 0 ? 0 : FirstOf(Log.Values.First());

    /// <summary>Makes it a client that has nothing yet of an epoch that it knows: it gets the whole log.</summary>
    public ChatSocket FromTheBeginningOf(string? epoch)
    {
        (Epoch, _version) = (epoch, 1);
        return this;
    }

    /// <summary>Connects, or connects again after the last offset it has. Retries while the service is not there yet.</summary>
    public async Task ConnectAsync()
    {
        _socket?.Dispose();
        _socket = new ClientWebSocket();
        if (TrustsLocalhost)
        {
            _socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost";
        }

        _socket.Options.AddSubProtocol($"agentstream.v{_version}");
        (_version, _shortFrames) = (3 - _version, new ShortFrames());
        var cursor = Epoch is null ? "" : $"?after={LastSeq}&epoch={Epoch}";
        var address = new UriBuilder(Api)
        {
            Scheme = Api.Scheme == "https" ? "wss" : "ws",
            Path = $"/ws/chat/{sessionId}",
            Query = cursor,
        }.Uri;
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        await _socket.ConnectAsync(address, timeout.Token);
        await ReadUntilAsync(frame => TypeOf(frame) == "connected");
    }

    public Task SendAsync(string json)
        => _socket!.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <param name="message">What to ask.</param>
    /// <param name="more">Further fields of the payload, as JSON.</param>
    public Task ChatAsync(string message, string? more = null)
        => SendAsync(
            $$$"""{"type":"chat","payload":{"message":{{{JsonSerializer.Serialize(message)}}}{{{(more is null ? "" : "," + more)}}}}}""");

    /// <summary>Reads on until a frame fits, and returns it.</summary>
    public async Task<JsonElement> ReadUntilAsync(Func<JsonElement, bool> fits)
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        while (true)
        {
            var frame = await ReadAsync(timeout.Token);
            if (fits(frame))
            {
                return frame;
            }
        }
    }

    public Task<JsonElement> ReadUntilAsync(string type) => ReadUntilAsync(frame => TypeOf(frame) == type);

    /// <summary>Reads until the connection breaks, however it does.</summary>
    public async Task ReadToTheEndAsync()
    {
        try
        {
            await ReadUntilAsync(_ => false);
        }
        catch (WebSocketException)
        {
            // Broken: that is what was waited for.
        }
    }

    public WebSocketCloseStatus? CloseStatus => _socket?.CloseStatus;

    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return ValueTask.CompletedTask;
    }

    public static string? TypeOf(JsonElement frame) => frame.GetProperty("type").GetString();

    private async Task<JsonElement> ReadAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await _socket!.ReceiveAsync(buffer, cancellationToken);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException($"closed: {result.CloseStatus}");
            }

            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                break;
            }
        }

        var frame = _shortFrames.Read(JsonElement.Parse(message.ToArray()));
        Take(frame);
        return frame;
    }

    private void Take(JsonElement frame)
    {
        if (frame.TryGetProperty("seq", out var seq))
        {
            Assert.Equal(LastSeq + 1, FirstOf(frame));
            LastSeq = seq.GetInt64();
            Log.Add(LastSeq, frame);
            return;
        }

        Notices.Add(frame);
        var data = frame.TryGetProperty("data", out var element) ? element : default;
        switch (TypeOf(frame))
        {
            case "connected":
                if (Epoch is null || data.GetProperty("resumed").GetBoolean())
                {
                    Epoch = data.GetProperty("epoch").GetString();
                }

                break;
            case "snapshot":
                Snapshot = data;
                Jump(data);
                break;
            case "resync":
                Resync = data;
                Jump(data);
                break;
            default:
                break;
        }
    }

    private static long FirstOf(JsonElement frame)
        => (frame.TryGetProperty("first_seq", out var first) ? first : frame.GetProperty("seq")).GetInt64();

    private void Jump(JsonElement snapshot)
    {
        Epoch = snapshot.GetProperty("epoch").GetString();
        LastSeq = snapshot.GetProperty("last_seq").GetInt64();
    }
}
