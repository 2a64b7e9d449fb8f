using System.Diagnostics;
using System.IO.Pipelines;
using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Connections;

/// <summary>One WebSocket client: it sends commands, and is sent frames that were made once for all.</summary>
/// <remarks>
/// It sends no pings, each would be a timer of its own (see <see cref="PeerProbes"/>), and compresses nothing:
/// compressed token frames save nothing and cost each connection more than everything else together.
/// </remarks>
internal sealed partial class SocketConnection(
    IDuplexPipe transport,
    Action abort,
    Opening opening,
    Wire wire,
    SessionCommands commands,
    CommandPermit permit,
    string? address,
    ApiOptions options,
    TimeProvider time,
    ILogger<SocketConnection> logger)
    : ClientConnection(opening, time, logger)
{
    private readonly FrameParser _frames = new(options.MaxFrameBytes);
    private readonly TimeProvider _time = time;
    private readonly ILogger<SocketConnection> _logger = logger;
    private FrameBudget? _budget;
    private long _receivingSince;
    private long _receiving;
    private int _badInARow;
    private CancellationTokenSource? _executing;
    private Task _closing = Task.CompletedTask;

    public override Wire Wire => wire;

    public override TimeSpan ReceivingFor => Since(ref _receivingSince);

    /// <summary>Serves the client until it goes or has to go, and gives back what it began with.</summary>
    public async Task RunAsync(ConnectionRegistry.ConnectionPermit place, Caller caller, Opening opening)
    {
        // Each message shall have a trace of its own, not one for as long as the socket stays.
        Activity.Current = null;
        await using var session = opening;
        using var seat = place;
        place.Occupy(this, caller);
        try
        {
            await BeginAsync();
            await ReceiveAsync();
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // There is nobody to close with.
        }
        finally
        {
            _frames.Release();
        }

        await _closing;
        await EndWritesAsync();
    }

    public override void Abort()
    {
        _executing?.Cancel();
        abort();
    }

    public override void End(Ending ending) => Close(ending switch
    {
        Ending.GoingAway => CloseCodes.GoingAway,
        Ending.Forbidden => CloseCodes.Forbidden,
        Ending.SignedOut => CloseCodes.SignedOut,
        _ => CloseCodes.InternalError,
    });

    protected override bool IsGone(Exception exception)
        => exception is OperationCanceledException or IOException or ObjectDisposedException;

    protected override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var written = transport.Output.WriteAsync(bytes);
        if (!written.IsCompletedSuccessfully)
        {
            return FinishAsync(written);
        }

        Check(written.Result);
        return default;

        static async ValueTask FinishAsync(ValueTask<FlushResult> written) => Check(await written);

        static void Check(FlushResult flushed)
        {
            if (flushed.IsCompleted)
            {
                throw new IOException("The client has gone.");
            }
        }
    }

    /// <summary>Takes commands until the client closes or has gone. Once the server has closed, what still comes is read away.</summary>
    private async Task ReceiveAsync()
    {
        // No token anywhere here: whoever waits for the answer to a close goes on reading, and an abort ends the reading.
        var isOpen = true;
        while (isOpen)
        {
            var read = await transport.Input.ReadAsync();
            var bytes = read.Buffer;
            while (isOpen && _frames.TryRead(ref bytes, out var frame))
            {
                isOpen = await TakeAsync(frame);
            }

            NoteWhatIsUnderWay();
            transport.Input.AdvanceTo(bytes.Start, bytes.End);
            isOpen &= !read.IsCompleted;
        }
    }

    // A message that came whole, as nearly all do, needs no clock.
    private void NoteWhatIsUnderWay()
    {
        if (!_frames.IsUnderWay)
        {
            Volatile.Write(ref _receivingSince, 0);
        }
        else if (_receivingSince == 0 || _receiving != _frames.Begun)
        {
            _receiving = _frames.Begun;
            Volatile.Write(ref _receivingSince, _time.GetTimestamp());
        }
    }

    /// <summary>Takes what the client sent; false: nothing can come after it.</summary>
    private async ValueTask<bool> TakeAsync(ReceivedFrame frame)
    {
        if (frame.Reason is { } reason)
        {
            Close(reason);
            return false;
        }

        try
        {
            if (!IsEnding && await AnswerAsync(frame) is { } fault)
            {
                Close(fault);
            }
        }
        catch (OperationCanceledException) when (IsEnding)
        {
            // The answer came after the close.
        }

        return true;
    }

    /// <summary>Does what the client wants; the answer says why the socket has to be closed.</summary>
    private async ValueTask<CloseReason?> AnswerAsync(ReceivedFrame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Ping when !MayCome():
                return CloseCodes.Flood;
            case FrameKind.Ping:
                await SendAsync(ControlFrames.Pong(frame.Bytes.Span));
                return null;
            case FrameKind.Text:
                return await ObeyAsync(frame.Bytes);
            default:
                return frame.Kind == FrameKind.TooBig ? CloseCodes.TooBig : CloseCodes.BinaryFrame;
        }
    }

    // A client that never sends has no budget to keep.
    private bool MayCome() => (_budget ??= new FrameBudget(options.MaxFramesPerSecond, _time)).TryTake();

    private async Task<CloseReason?> ObeyAsync(ReadOnlyMemory<byte> text)
    {
        // What is logged for a command tells whose it is; the request that the socket began with is over.
        using var scope = _logger.BeginScope(new Dictionary<string, object> { [RouteIds.Session] = SessionId.Value });
        if (!MayCome())
        {
            return CloseCodes.Flood;
        }

        try
        {
            var isUsable = !PayloadReader.ReadFrame(text, options.MaxJsonDepth).IsRefused(out var refusal, out var command);

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

        return _badInARow >= options.MaxBadFrames ? CloseCodes.TooManyBadFrames : null;
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
        if (permit.Check(command) is { } notAllowed)
        {
            return Error(notAllowed with { MessageId = MessageIdOf(command) });
        }

        try
        {
            return command switch
            {
                PingCommand => Notices.Pong,
                ChatCommand chat => (await commands.ChatAsync(Reader.Id, address, SessionId, chat.Payload, cancellationToken))
                    .IsRefused(out var refusal, out var accepted)
                    ? Error(refusal)
                    : new OutgoingFrame(
                        NoticeTypes.Accepted, EnvelopeCodec.Notice(NoticeTypes.Accepted, accepted, MessagingJson.Wire.Accepted)),

                // That a cancel was taken stands in the log, for everybody.
                CancelCommand cancel => (await commands.CancelAsync(
                    Reader.Id, SessionId, cancel.Payload, cancellationToken)).Refusal is { } refusal ? Error(refusal) : null,
                ApprovalCommand approval => await commands.ApproveAsync(
                    Reader.Id, SessionId, approval.Payload, cancellationToken) is { } refusal ? Error(refusal) : null,
                ResultCommand result => await commands.GiveResultAsync(
                    Reader.Id, SessionId, result.Payload, cancellationToken) is { } refusal ? Error(refusal) : null,
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
        var notice = new ErrorNotice
        {
            Code = refusal.Code,
            Message = refusal.Message,
            MessageId = refusal.MessageId,
            RetryAfter = refusal.RetryAfterSeconds,
        };
        return new OutgoingFrame(NoticeTypes.Error, EnvelopeCodec.Notice(NoticeTypes.Error, notice, MessagingJson.Wire.ErrorNotice));
    }

    // The close goes first, and receiving goes on until the client has answered it: then the client sees the code.
    // The heartbeat service bounds both.
    private void Close(CloseReason reason)
    {
        if (TryBeginEnd())
        {
            _closing = CloseAsync(reason);
        }
    }

    private async Task CloseAsync(CloseReason reason)
    {
        try
        {
            await SendAsync(ControlFrames.Close(reason), isLast: true);
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
