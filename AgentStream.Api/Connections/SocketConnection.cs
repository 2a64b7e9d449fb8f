using System.Diagnostics;
using System.Net.WebSockets;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Connections;

/// <summary>One WebSocket client: what it reads is the framework's, what is written are frames that were made once for all.</summary>
internal sealed partial class SocketConnection : ClientConnection, IDisposable
{
    private const byte OpCode = 0x0F;
    private const byte CloseFrame = 0x08;

    private readonly HttpContext _context;
    private readonly Stream _stream;
    private readonly WebSocket _socket;
    private readonly SessionCommands _commands;
    private readonly CommandPermit _permit;
    private readonly ApiOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SocketConnection> _logger;
    private FrameBudget? _budget;
    private int _badInARow;
    private CancellationTokenSource? _executing;
    private Task _closing = Task.CompletedTask;

    public SocketConnection(
        HttpContext context,
        Stream stream,
        Opening opening,
        Wire wire,
        SessionCommands commands,
        CommandPermit permit,
        ApiOptions options,
        TimeProvider time,
        ILogger<SocketConnection> logger)
        : base(opening, time, logger)
    {
        _context = context;
        _stream = stream;
        Wire = wire;
        _commands = commands;
        _permit = permit;
        _options = options;
        _time = time;
        _logger = logger;

        // No pings: each would be a timer of this connection's own. See PeerProbes. No compression: compressed token frames
        // save nothing and cost each connection more than everything else together.
        _socket = WebSocket.CreateFromStream(
            new SocketStream(stream, WriteControlAsync),
            new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
    }

    public override Wire Wire { get; }

    /// <summary>Serves the client until it goes or has to go.</summary>
    public async Task RunAsync()
    {
        // The request lives as long as the socket. Each message shall have a trace of its own, not one for all.
        Activity.Current = null;
        try
        {
            await BeginAsync();
            await ReceiveAsync();
            Close(null);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // There is nobody to close with.
        }

        await _closing;
        await EndWritesAsync();
    }

    public override void Abort()
    {
        _executing?.Cancel();
        _context.Abort();
    }

    public override void End(Ending ending) => Close(ending switch
    {
        Ending.GoingAway => CloseCodes.GoingAway,
        Ending.Forbidden => CloseCodes.Forbidden,
        Ending.SignedOut => CloseCodes.SignedOut,
        _ => CloseCodes.InternalError,
    });

    public void Dispose()
    {
        _socket.Dispose();
        _executing?.Dispose();
    }

    protected override bool IsGone(Exception exception)
        => exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    private ValueTask WriteControlAsync(ReadOnlyMemory<byte> frame)
        => SendAsync(frame, isLast: (frame.Span[0] & OpCode) == CloseFrame);

    /// <summary>Takes commands until the client closes or has gone.</summary>
    private async Task ReceiveAsync()
    {
        using var reader = new FrameReader(_socket, _options.MaxFrameBytes);
        while (await reader.ReadAsync() is { Kind: not FrameKind.Close } frame)
        {
            if (!IsEnding && await TakeAsync(frame) is { } reason)
            {
                Close(reason);
            }

            if (IsEnding)
            {
                await reader.DrainAsync();
                return;
            }
        }
    }

    /// <summary>Takes a command; the answer says why the socket has to be closed.</summary>
    private async Task<CloseReason?> TakeAsync(ReceivedFrame frame)
    {
        if (frame.Kind != FrameKind.Text)
        {
            return frame.Kind == FrameKind.TooBig ? CloseCodes.TooBig : CloseCodes.BinaryFrame;
        }

        _budget ??= new FrameBudget(_options.MaxFramesPerSecond, _time);
        if (!_budget.TryTake())
        {
            return CloseCodes.Flood;
        }

        try
        {
            var isUsable = !PayloadReader.ReadFrame(frame.Bytes).IsRefused(out var refusal, out var command);

            // A type that nobody knows may be that of a later client: it is told, and no harm is meant by it.
            _badInARow = isUsable ? 0 : refusal!.Code == ErrorCodes.UnknownType ? _badInARow : _badInARow + 1;
            if ((isUsable ? await ExecuteAsync(command!) : Error(refusal!)) is { } notice)
            {
                await SendAsync(Wire.Encode(notice));
            }
        }
        catch (Exception exception) when (!IsGone(exception))
        {
            LogReceiveFailed(exception, SessionId);
            return CloseCodes.InternalError;
        }

        return _badInARow >= _options.MaxBadFrames ? CloseCodes.TooManyBadFrames : null;
    }

    private async Task<OutgoingFrame?> ExecuteAsync(ClientCommand command)
    {
        using var executing = new CancellationTokenSource();
        _executing = executing;
        try
        {
            return await ExecuteAsync(command, executing.Token);
        }
        finally
        {
            _executing = null;
        }
    }

    private async ValueTask<OutgoingFrame?> ExecuteAsync(ClientCommand command, CancellationToken cancellationToken)
    {
        if (_permit.Check(command) is { } notAllowed)
        {
            return Error(notAllowed with { MessageId = MessageIdOf(command) });
        }

        try
        {
            return command switch
            {
                PingCommand => Notices.Pong,
                ChatCommand chat => (await _commands.ChatAsync(Reader, SessionId, chat.Payload, cancellationToken))
                    .IsRefused(out var refusal, out var accepted)
                    ? Error(refusal)
                    : new OutgoingFrame(
                        NoticeTypes.Accepted, EnvelopeCodec.Notice(NoticeTypes.Accepted, accepted, MessagingJson.Wire.Accepted)),

                // That a cancel was taken stands in the log, for everybody.
                CancelCommand cancel => (await _commands.CancelAsync(
                    Reader, SessionId, cancel.Payload, cancellationToken)).Refusal is { } refusal ? Error(refusal) : null,
                ApprovalCommand approval => await _commands.ApproveAsync(
                    Reader, SessionId, approval.Payload, cancellationToken) is { } refusal ? Error(refusal) : null,
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

    // The close goes first, and receiving goes on until the client has answered it: then the client sees the code.
    // The heartbeat service bounds both.
    private void Close(CloseReason? reason)
    {
        if (TryBeginEnd())
        {
            _closing = CloseAsync(reason);
        }
    }

    private async Task CloseAsync(CloseReason? reason)
    {
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                var status = reason is null
                    ? _socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure
                    : (WebSocketCloseStatus)reason.Code;
                await _socket.CloseOutputAsync(status, reason?.Text, CancellationToken.None);
            }
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // The client is gone: there is nobody to close with.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Receiving from a client of session {SessionId} failed")]
    private partial void LogReceiveFailed(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A command of a client of session {SessionId} failed")]
    private partial void LogCommandFailed(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store can't be reached for a command of a client of session {SessionId}")]
    private partial void LogStoreUnavailable(Exception exception, SessionId sessionId);
}
