using System.Diagnostics;
using System.Net.WebSockets;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Connections;

/// <summary>One WebSocket client: a loop that brings it the log, a loop that takes its commands, and a bounded close.</summary>
internal sealed partial class SocketConnection : ClientConnection
{
    private static readonly byte[] Pong = """{"type":"pong","data":{}}"""u8.ToArray();

    private readonly WebSocket _socket;
    private readonly FeedStart _start;
    private readonly SessionFeed _feed;
    private readonly SessionCommands _commands;
    private readonly ApiOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SocketConnection> _logger;
    private volatile bool _isClosing;

    public SocketConnection(
        WebSocket socket,
        FeedStart start,
        SessionFeed feed,
        SessionCommands commands,
        ApiOptions options,
        DeliveryMeter meter,
        TimeProvider time,
        ILogger<SocketConnection> logger)
        : base(start.Head.SessionId, start.From ?? new Cursor(start.Head.Epoch, Offset.Start), meter, time)
    {
        _socket = socket;
        _start = start;
        _feed = feed;
        _commands = commands;
        _options = options;
        _time = time;
        _logger = logger;
    }

    public override string Wire => "websocket";

    /// <summary>Serves the client until it goes, has to go, or the process stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // The request lives as long as the socket. Each message shall have a trace of its own, not one for all.
        Activity.Current = null;

        using var following = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var abandoned = new CancellationTokenSource();
        using var reader = new FrameReader(_socket, _options.MaxFrameBytes);
        try
        {
            await SendAsync(_feed.Connected(_start), CancellationToken.None);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            await EndWritesAsync();
            return;
        }

        var delivering = DeliverAsync(following.Token, stopping);
        var receiving = ReceiveAsync(reader, abandoned.Token);
        var stopped = new TaskCompletionSource<CloseReason?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stopping.Register(() => stopped.TrySetResult(CloseCodes.GoingAway));
        var first = await Task.WhenAny(delivering, receiving, stopped.Task);
        _isClosing = true;
        await following.CancelAsync();
        await CloseWithinLimitAsync(await first, reader, delivering, receiving, abandoned);
    }

    public override void Abort() => _socket.Abort();

    protected override bool IsGone(Exception exception)
        => exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    protected override async ValueTask WriteAsync(OutgoingFrame frame)
    {
        // No token: cancelling a send aborts the socket. Who takes too long is given up by the heartbeat service.
        await _socket.SendAsync(frame.Bytes, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
    }

    /// <summary>
    /// Brings the log; the answer says why the socket has to be closed, <c>null</c> where the client closed it or has gone.
    /// </summary>
    private async Task<CloseReason?> DeliverAsync(CancellationToken cancellationToken, CancellationToken stopping)
    {
        try
        {
            await foreach (var frame in _feed.FollowAsync(_start, cancellationToken))
            {
                await SendAsync(frame, cancellationToken);
            }

            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return CloseCodes.GoingAway;
        }
        catch (SessionForbiddenException)
        {
            return CloseCodes.Forbidden;
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return null;
        }
        catch (Exception exception)
        {
            LogDeliveryFailed(exception, SessionId);
            return CloseCodes.InternalError;
        }
    }

    /// <summary>Takes commands; the answer is as that of <see cref="DeliverAsync"/>.</summary>
    private async Task<CloseReason?> ReceiveAsync(FrameReader reader, CancellationToken abandoned)
    {
        var budget = new FrameBudget(_options.MaxFramesPerSecond, _time);
        var badInARow = 0;
        try
        {
            while (true)
            {
                var frame = await reader.ReadAsync();
                if (frame.Kind == FrameKind.Close)
                {
                    return null;
                }

                if (_isClosing)
                {
                    continue;
                }

                if (frame.Kind != FrameKind.Text)
                {
                    return frame.Kind == FrameKind.TooBig ? CloseCodes.TooBig : CloseCodes.BinaryFrame;
                }

                if (!budget.TryTake())
                {
                    return CloseCodes.Flood;
                }

                var isUsable = !PayloadReader.ReadFrame(frame.Bytes).IsRefused(out var refusal, out var command);

                // A type that nobody knows may be that of a later client: it is told, and no harm is meant by it.
                badInARow = isUsable ? 0 : refusal!.Code == ErrorCodes.UnknownType ? badInARow : badInARow + 1;
                var answer = isUsable ? await ExecuteAsync(command!, abandoned) : Error(refusal!);
                if (answer is { } notice)
                {
                    await SendAsync(notice, abandoned);
                }

                if (badInARow >= _options.MaxBadFrames)
                {
                    return CloseCodes.TooManyBadFrames;
                }
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            return null;
        }
        catch (Exception exception)
        {
            LogReceiveFailed(exception, SessionId);
            return CloseCodes.InternalError;
        }
    }

    private async ValueTask<OutgoingFrame?> ExecuteAsync(ClientCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return command switch
            {
                PingCommand => new OutgoingFrame(NoticeTypes.Pong, Pong),
                ChatCommand chat => (await _commands.ChatAsync(_start.Reader, SessionId, chat.Payload, cancellationToken))
                    .IsRefused(out var refusal, out var accepted)
                    ? Error(refusal)
                    : new OutgoingFrame(
                        NoticeTypes.Accepted, EnvelopeCodec.Notice(NoticeTypes.Accepted, accepted, MessagingJson.Wire.Accepted)),

                // That a cancel was taken stands in the log, for everybody.
                CancelCommand cancel => (await _commands.CancelAsync(
                    _start.Reader, SessionId, cancel.Payload, cancellationToken)).Refusal is { } refusal ? Error(refusal) : null,
                ApprovalCommand approval => await _commands.ApproveAsync(
                    _start.Reader, SessionId, approval.Payload, cancellationToken) is { } refusal ? Error(refusal) : null,
                _ => throw new InvalidOperationException($"Nobody knows what to do with {command.GetType().Name}."),
            };
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreUnavailable(exception, SessionId);
            return Error(new Refusal(
                ErrorCodes.StoreUnavailable,
                "The session store can't be reached: send this again in a little while, under the same message_id.", MessageIdOf(command)));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogCommandFailed(exception, SessionId);
            return Error(new Refusal(
                ErrorCodes.InternalError, "Something went wrong in the server: send this again, under the same message_id.",
                MessageIdOf(command)));
        }
    }

    private static MessageId? MessageIdOf(ClientCommand command)
        => command is ChatCommand chat && MessageId.TryParse(chat.Payload.MessageId, out var messageId) ? messageId : null;

    private static OutgoingFrame Error(Refusal refusal)
    {
        var notice = new ErrorNotice { Code = refusal.Code, Message = refusal.Message, MessageId = refusal.MessageId };
        return new OutgoingFrame(NoticeTypes.Error, EnvelopeCodec.Notice(NoticeTypes.Error, notice, MessagingJson.Wire.ErrorNotice));
    }

    // The close goes first, receiving goes on until the client has answered it, and a deadline bounds both:
    // the client sees the code, and nobody waits for it for long.
    private async Task CloseWithinLimitAsync(
        CloseReason? reason, FrameReader reader, Task delivering, Task receiving, CancellationTokenSource abandoned)
    {
        var closing = CloseAsync(reason, reader, delivering, receiving);
        try
        {
            await closing.WaitAsync(_options.FarewellTimeout, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _socket.Abort();
            await abandoned.CancelAsync();
            await closing;
        }

        await Task.WhenAll(delivering, receiving, EndWritesAsync());
    }

    private async Task CloseAsync(CloseReason? reason, FrameReader reader, Task delivering, Task receiving)
    {
        try
        {
            await delivering;
            await InTurnAsync(async () =>
            {
                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    var status = reason is null
                        ? _socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure
                        : (WebSocketCloseStatus)reason.Code;
                    await _socket.CloseOutputAsync(status, reason?.Text, CancellationToken.None);
                }
            });
            await receiving;
            await reader.DrainAsync();
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // The client is gone: there is nobody to close with.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivering to a client of session {SessionId} failed")]
    private partial void LogDeliveryFailed(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Receiving from a client of session {SessionId} failed")]
    private partial void LogReceiveFailed(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A command of a client of session {SessionId} failed")]
    private partial void LogCommandFailed(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store can't be reached for a command of a client of session {SessionId}")]
    private partial void LogStoreUnavailable(Exception exception, SessionId sessionId);
}
