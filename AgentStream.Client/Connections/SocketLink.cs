using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using AgentStream.Client.Wire;

namespace AgentStream.Client.Connections;

/// <summary>One socket: reads whole frames, writes one at a time, and finds out that its peer is dead when nobody says so.</summary>
internal sealed class SocketLink : IAsyncDisposable
{
    private static readonly byte[] Ping = """{"type":"ping","payload":{}}"""u8.ToArray();

    // Whatever is sent is answered.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly AgentStreamClientOptions _options;
    private readonly FrameReader _frames = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ITimer _watch;
    private byte[] _buffer = new byte[4 * 1024];
    private long _waitingSince;
    private long _sentAt;
    private long _askedAt;
    private Task _asking = Task.CompletedTask;

    public SocketLink(WebSocket socket, string? token, AgentStreamClientOptions options)
    {
        (_socket, Token, _options) = (socket, token, options);
        _watch = options.Time.CreateTimer(static link => ((SocketLink)link!).LookAtPeer(), this, Look, Look);
    }

    /// <summary>The token with which it was opened.</summary>
    public string? Token { get; }

    /// <summary>The server has said where it begins: messages may be sent.</summary>
    public bool IsReady { get; set; }

    /// <summary>Looked at from time to time: throws away the link if it is true.</summary>
    public Func<bool>? IsStale { get; set; }

    /// <summary>Called from time to time.</summary>
    public Action? Tick { get; set; }

    /// <summary>The next frame.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<object> ReceiveAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            // Who is not read from can't be found silent.
            Volatile.Write(ref _waitingSince, Now());
            var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _waitingSince, 0);
            Volatile.Write(ref _sentAt, 0);
            Volatile.Write(ref _askedAt, 0);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                var code = (int)(_socket.CloseStatus ?? WebSocketCloseStatus.Empty);
                throw CloseCodes.MayComeBack(code)
                    ? new ConnectionBrokenException("The server closed the connection.") { CloseCode = code }
                    : CloseCodes.Refusal(code, _socket.CloseStatusDescription);
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return Parse(length);
            }

            if (length == _buffer.Length)
            {
                Grow(length);
            }
        }
    }

    /// <summary>Sends a frame. A failure is left to the reader to find.</summary>
    /// <returns>Whether it went out.</returns>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> frame)
    {
        try
        {
            await _sending.WaitAsync().ConfigureAwait(false);
            try
            {
                if (Volatile.Read(ref _sentAt) == 0)
                {
                    Volatile.Write(ref _sentAt, Now());
                }

                await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
                return true;
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or IOException
            or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Lets go of the socket: reading ends with an exception.</summary>
    public void Abort() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            using var farewell = new CancellationTokenSource(TimeSpan.FromSeconds(1), _options.Time);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, farewell.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or IOException
                or OperationCanceledException)
            {
                // It was gone already.
            }
        }

        _socket.Abort();
        await _asking.ConfigureAwait(false);
        _socket.Dispose();
    }

    private object Parse(int length)
    {
        try
        {
            return _frames.Read(_buffer.AsSpan(0, length));
        }
        catch (Exception exception) when (FrameReader.IsBad(exception))
        {
            throw new ConnectionBrokenException($"What came is no frame of the protocol: {exception.Message}");
        }
    }

    private void LookAtPeer()
    {
        if (Passed(ref _askedAt, _options.PongTime) || IsStale?.Invoke() == true)
        {
            _socket.Abort();
            return;
        }

        Tick?.Invoke();
        if (Volatile.Read(ref _waitingSince) != 0 && Volatile.Read(ref _askedAt) == 0
            && (Passed(ref _waitingSince, _options.Silence) || Passed(ref _sentAt, AnswerTime)))
        {
            Volatile.Write(ref _askedAt, Now());
            if (_asking.IsCompleted)
            {
                _asking = TrySendAsync(Ping);
            }
        }
    }

    private bool Passed(ref long since, TimeSpan limit)
    {
        var start = Volatile.Read(ref since);
        return start != 0 && _options.Time.GetElapsedTime(start) >= limit;
    }

    // 0 means "not".
    private long Now() => Math.Max(1, _options.Time.GetTimestamp());

    private void Grow(int length)
    {
        if (length >= _options.MaxFrameBytes)
        {
            throw new AgentStreamException(
                "body_too_large",
                $"The server sent a frame of more than {_options.MaxFrameBytes} bytes. "
                    + $"Raise {nameof(AgentStreamClientOptions.MaxFrameBytes)}.");
        }

        var larger = new byte[Math.Min(_options.MaxFrameBytes, _buffer.Length * 2)];
        _buffer.AsSpan(0, length).CopyTo(larger);
        _buffer = larger;
    }
}
