using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using AgentStream.Client.Connections;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>
/// A connection with a session that survives its sockets: what is read comes once and in order, what is sent arrives once.
/// One reads, any number may send.
/// </summary>
public sealed class SessionConnection : IAsyncDisposable
{
    // A heartbeat may overtake entries that are still being gathered for us.
    private static readonly TimeSpan CatchUpTime = TimeSpan.FromSeconds(5);

    // A connection that held so long was a good one.
    private static readonly TimeSpan StableTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan NotNowPause = TimeSpan.FromSeconds(2);

    private readonly AgentStreamClient _client;
    private readonly AgentStreamClientOptions _options;
    private readonly LogCursor _cursor;
    private readonly Outbox _outbox = new();
    private volatile SocketLink? _link;
    private Task _flushing = Task.CompletedTask;
    private TimeSpan? _pause;
    private HeartbeatNotice? _ahead;
    private string? _refusedToken;
    private long _aheadSince;
    private long _openedAt;
    private long _offlineSince;
    private long _sendAgainAt;
    private int _attempt;
    private int _reading;
    private volatile bool _isDisposed;

    internal SessionConnection(AgentStreamClient client, string sessionId, Cursor? after)
    {
        (_client, _options, SessionId) = (client, client.Options, sessionId);
        _cursor = new LogCursor(after);
    }

    /// <summary>The session.</summary>
    public string SessionId { get; }

    /// <summary>The place that reading has come to; <c>null</c>: it has not begun.</summary>
    public Cursor? Cursor => _cursor.Position;

    /// <summary>
    /// Sends a message, now or as soon as there is a connection, and again until the server has it or refuses it. Only who reads hears
    /// of that: <see cref="MessageAccepted"/>, <see cref="RequestRefused"/>.
    /// </summary>
    /// <param name="message">What is asked.</param>
    /// <param name="options">What is said with it.</param>
    /// <returns>The message's id.</returns>
    public async Task<string> SendAsync(string message, AskOptions? options = null)
    {
        var (id, frame) = Outgoing.Chat(message, options);
        _outbox.Add(id, frame);
        await FlushAsync().ConfigureAwait(false);
        return id;
    }

    /// <summary>Cancels a run. The answer stands in the log.</summary>
    /// <param name="runId">The run; <c>null</c>: the one under way, or the first that waits.</param>
    /// <returns>False: there is no connection at the moment.</returns>
    public Task<bool> TryCancelAsync(string? runId = null)
        => _link is { IsReady: true } link ? link.TrySendAsync(Outgoing.Cancel(runId)) : Task.FromResult(false);

    /// <summary>Answers for a tool call that waits for a person. The answer stands in the log.</summary>
    /// <inheritdoc cref="AgentSession.AnswerApprovalAsync" path="/param"/>
    /// <returns>False: there is no connection at the moment.</returns>
    public Task<bool> TryAnswerApprovalAsync(
        string runId, string toolCallId, bool approved, string? reason = null, System.Text.Json.JsonElement? arguments = null)
        => _link is { IsReady: true } link
            ? link.TrySendAsync(Outgoing.Answer(runId, toolCallId, approved, reason, arguments))
            : Task.FromResult(false);

    /// <summary>Gives the result of a call that whoever asked executes. The answer stands in the log.</summary>
    /// <inheritdoc cref="AgentSession.GiveToolResultAsync" path="/param"/>
    /// <returns>False: there is no connection at the moment.</returns>
    public Task<bool> TryGiveToolResultAsync(string runId, string toolCallId, string result, bool isError = false)
        => _link is { IsReady: true } link
            ? link.TrySendAsync(Outgoing.Result(runId, toolCallId, result, isError))
            : Task.FromResult(false);

    /// <summary>
    /// Everything that happens, without end: a lost connection is a <see cref="ConnectionLost"/>, and then it goes on where it was.
    /// May be called again after it was left; it goes on from <see cref="Cursor"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading. Runs go on.</param>
    /// <exception cref="AgentStreamException">The server does not want this client, or can't be reached for too long.</exception>
    public async IAsyncEnumerable<AgentEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _reading, 1) == 1)
        {
            throw new InvalidOperationException("This connection is being read already. Open another one for a second reader.");
        }

        try
        {
            while (true)
            {
                if (await NextAsync(cancellationToken).ConfigureAwait(false) is not { } happened)
                {
                    yield break;
                }

                yield return happened;
            }
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>Closes it. Runs go on.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await CloseAsync().ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AgentEvent?> NextAsync(CancellationToken cancellationToken)
    {
        while (!_isDisposed)
        {
            // Before a receive, which would take the socket along without a goodbye.
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var link = _link ?? await OpenAsync(cancellationToken).ConfigureAwait(false);
                if (Take(await link.ReceiveAsync(cancellationToken).ConfigureAwait(false), link) is { } happened)
                {
                    return happened;
                }
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!_isDisposed)
                {
                    return await LostAsync(exception).ConfigureAwait(false);
                }
            }
        }

        return null;
    }

    private async ValueTask<SocketLink> OpenAsync(CancellationToken cancellationToken)
    {
        if (_pause is { } pause)
        {
            await Task.Delay(pause, _options.Time, cancellationToken).ConfigureAwait(false);
            _pause = null;
        }

        var (socket, token) = await _client.ConnectAsync(SessionId, _cursor.Position, _refusedToken, cancellationToken)
            .ConfigureAwait(false);
        _refusedToken = null;
        return _link = new SocketLink(socket, token, _options) { IsStale = IsBehind, Tick = SendAgain };
    }

    /// <returns><c>null</c>: nobody else needs to know.</returns>
    private AgentEvent? Take(object frame, SocketLink link)
    {
        switch (frame)
        {
            case LogEvent entry:
                if (!_cursor.Take(entry))
                {
                    return null;
                }

                if (entry is RunQueued queued)
                {
                    _outbox.Settle(queued.MessageId);
                }

                return entry;
            case SnapshotReceived snapshot:
                _cursor.Begin(snapshot.Snapshot);
                foreach (var message in snapshot.Snapshot.Messages)
                {
                    _outbox.Settle(message.MessageId);
                }

                Ready(link);
                return snapshot;
            case ConnectedNotice connected:
                return Connected(connected, link);
            case MessageAccepted accepted:
                _outbox.Settle(accepted.MessageId);
                return accepted;
            case ErrorNotice error:
                return Refused(error);
            case HeartbeatNotice heartbeat:
                (_ahead, _aheadSince) = (_cursor.Lacks(heartbeat.Epoch, heartbeat.LastSeq) ? heartbeat : null, Now());
                return null;
            case StatusChanged status:
                if (!status.IsDegraded)
                {
                    Volatile.Write(ref _sendAgainAt, Now());
                }

                return status;
            default:
                return null;
        }
    }

    private ConnectionOpened? Connected(ConnectedNotice connected, SocketLink link)
    {
        if (connected.Resumed)
        {
            _cursor.Resume(connected.Epoch);
        }

        if (Volatile.Read(ref _openedAt) != 0)
        {
            // The log goes on in another epoch; the connection is the same.
            return null;
        }

        (_openedAt, _offlineSince) = (Now(), 0);
        if (connected.Resumed)
        {
            Ready(link);
        }

        return new ConnectionOpened
        {
            Resumed = connected.Resumed,
            Missed = connected.Resumed ? Math.Max(0, connected.LastSeq - _cursor.Seq) : 0,
        };
    }

    private RequestRefused? Refused(ErrorNotice error)
    {
        if (error.MessageId is { } id)
        {
            // "Not now" instead of "not this": whether it was taken is not known, and sending it again starts nothing twice.
            if (error.Code is "store_unavailable" or "internal_error" or "shutting_down")
            {
                _outbox.TakeBack(id);
                var pause = error.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : NotNowPause;
                Volatile.Write(ref _sendAgainAt, Now() + (long)(pause.TotalSeconds * _options.Time.TimestampFrequency));
                return null;
            }

            _outbox.Settle(id);
        }

        return new RequestRefused
        {
            Code = error.Code,
            Message = error.Message ?? error.Code,
            MessageId = error.MessageId,
            RetryAfter = error.RetryAfter,
        };
    }

    private async ValueTask<ConnectionLost> LostAsync(Exception reason)
    {
        var closed = (reason as ConnectionBrokenException)?.CloseCode;
        var wasOpen = _openedAt != 0;
        if (closed == CloseCodes.SignInAgain)
        {
            _refusedToken = await CheckRefusedTokenAsync(reason, wasOpen).ConfigureAwait(false);
        }

        if (wasOpen && _options.Time.GetElapsedTime(_openedAt) >= StableTime)
        {
            _attempt = 0;
        }

        await CloseAsync().ConfigureAwait(false);
        _offlineSince = _offlineSince == 0 ? Now() : _offlineSince;
        var offline = _options.Time.GetElapsedTime(_offlineSince);
        if (_options.GiveUpAfter != Timeout.InfiniteTimeSpan && offline >= _options.GiveUpAfter)
        {
            throw new AgentStreamException(
                AgentStreamException.Unreachable,
                $"{_client.Address} could not be reached for {offline.TotalSeconds:0} seconds. Check the address, and whether it runs.",
                reason);
        }

        var pause = Backoff.Pause(++_attempt, _options.Random());
        if ((reason as ConnectionBrokenException)?.RetryAfter is { } asked && asked > pause)
        {
            pause = asked;
        }

        _pause = pause;
        return new ConnectionLost { Pause = pause, Attempt = _attempt };
    }

    /// <summary>A token that does not hold any more is asked for anew; one that is refused as soon as it is used is not.</summary>
    private async ValueTask<string?> CheckRefusedTokenAsync(Exception reason, bool wasOpen)
    {
        var token = _link?.Token;
        if (_options.AccessToken is null || !wasOpen)
        {
            await CloseAsync().ConfigureAwait(false);
            throw CloseCodes.Refusal(CloseCodes.SignInAgain, reason.Message);
        }

        return token;
    }

    private async Task CloseAsync()
    {
        var link = _link;
        (_link, _openedAt, _ahead) = (null, 0, null);
        if (link is not null)
        {
            await link.DisposeAsync().ConfigureAwait(false);
            await _flushing.ConfigureAwait(false);
        }

        _outbox.TakeBack();
    }

    private void Ready(SocketLink link)
    {
        if (!link.IsReady)
        {
            // Beside the reading: a server that is not read from does not read.
            link.IsReady = true;
            _flushing = FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        while (_link is { IsReady: true } link && _outbox.Next() is { } frame)
        {
            if (!await link.TrySendAsync(frame).ConfigureAwait(false))
            {
                // The reader finds out, and what was not answered is sent again over the next connection.
                return;
            }
        }
    }

    private bool IsBehind()
    {
        if (_ahead is { } ahead && _options.Time.GetElapsedTime(_aheadSince) >= CatchUpTime)
        {
            return _cursor.Lacks(ahead.Epoch, ahead.LastSeq);
        }

        return false;
    }

    private void SendAgain()
    {
        var at = Volatile.Read(ref _sendAgainAt);
        if (at != 0 && Now() >= at && _flushing.IsCompleted)
        {
            Volatile.Write(ref _sendAgainAt, 0);
            _flushing = FlushAsync();
        }
    }

    // 0 means "not".
    private long Now() => Math.Max(1, _options.Time.GetTimestamp());

    private static bool IsLoss(Exception exception)
        => exception is ConnectionBrokenException or WebSocketException or IOException or HttpRequestException
            or OperationCanceledException or ObjectDisposedException;
}
