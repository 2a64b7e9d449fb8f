using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Connections;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>A socket of chats: requests beside each other, each answered by frames of its own.</summary>
internal sealed partial class UiSocket(
    HttpContext context,
    WebSocket socket,
    WireCommands commands,
    WireStreams streams,
    ApiOptions options,
    TimeProvider time,
    ILogger<UiSocket> logger) : IAsyncDisposable
{
    private const string Unusable = "This is no frame of WebSocketChatTransport.";
    private const int LongestId = 128;

    private readonly UiSocketSender _sender = new(socket);
    private readonly ConcurrentDictionary<string, UnderWay> _requests = new(StringComparer.Ordinal);
    private readonly FrameBudget _budget = new(options.MaxFramesPerSecond, time);

    // Runs from the close on.
    private readonly CancellationTokenSource _patience = new(Timeout.InfiniteTimeSpan, time);
    private Task _goingAway = Task.CompletedTask;

    /// <summary>Serves the client until it goes, or the server does.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // Each message shall have a trace of its own, not one for as long as the socket stays.
        Activity.Current = null;
        await using var patience = _patience.Token.UnsafeRegister(static state => ((WebSocket)state!).Abort(), socket);
        await using (stopping.UnsafeRegister(static state => ((UiSocket)state!).GoAway(), this))
        {
            try
            {
                await ReceiveAsync();
            }
            catch (Exception exception) when (UiSocketSender.IsGone(exception))
            {
                // There is nobody to close with.
            }
        }

        foreach (var request in _requests.Values)
        {
            await request.Gone.CancelAsync();
        }

        await Task.WhenAll([_goingAway, .. _requests.Values.Select(request => request.Answering)]);
        await CloseAsync(WebSocketCloseStatus.NormalClosure, "");
    }

    public ValueTask DisposeAsync()
    {
        _patience.Dispose();
        _sender.Dispose();
        return ValueTask.CompletedTask;
    }

    // No token: cancelling the receiving of a socket aborts it, without a close. After a close what still comes is read away.
    private async Task ReceiveAsync()
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(), CancellationToken.None);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return;
            }

            message.Advance(part.Count);
            if (socket.State != WebSocketState.Open)
            {
                message.ResetWrittenCount();
            }
            else if (message.WrittenCount > options.MaxFrameBytes)
            {
                await CloseAsync(WebSocketCloseStatus.MessageTooBig, CloseCodes.TooBig.Text);
                message = new ArrayBufferWriter<byte>();
            }
            else if (part.EndOfMessage)
            {
                if (part.MessageType != WebSocketMessageType.Text || !_budget.TryTake() || !await TakeAsync(message.WrittenMemory))
                {
                    await CloseAsync(WebSocketCloseStatus.PolicyViolation, Unusable);
                }

                message = new ArrayBufferWriter<byte>();
            }
        }
    }

    // False: it is no frame that a client may send.
    private async ValueTask<bool> TakeAsync(ReadOnlyMemory<byte> text)
    {
        if (PayloadReader.ReadBody(text, UiMessageJson.Wire.UiSocketRequest, options.MaxJsonDepth).IsRefused(out _, out var request)
            || request.RequestId is not { Length: > 0 and <= LongestId } id)
        {
            return false;
        }

        switch (request.Type)
        {
            case "abort":
                if (_requests.TryGetValue(id, out var known))
                {
                    await known.Gone.CancelAsync();
                }

                return true;
            case "send" or "resume":
                var underWay = new UnderWay();
                if (!_requests.TryAdd(id, underWay))
                {
                    return false;
                }

                underWay.Answering = AnswerAsync(id, request, underWay);
                return true;
            default:
                return false;
        }
    }

    private async Task AnswerAsync(string id, UiSocketRequest request, UnderWay underWay)
    {
        // The next frame does not wait for what this one asks for.
        await Task.Yield();
        try
        {
            var refusal = await BeginAsync(id, request, underWay.Gone.Token);
            if (refusal is not null)
            {
                await _sender.SendAsync(new UiSocketAnswer("error", id) { ErrorText = refusal.Message });
            }
        }
        catch (Exception exception) when (UiSocketSender.IsGone(exception))
        {
            // There is nobody to tell.
        }
        finally
        {
            _requests.TryRemove(id, out _);
        }
    }

    private async ValueTask<Refusal?> BeginAsync(string id, UiSocketRequest request, CancellationToken gone)
    {
        try
        {
            if (!commands.IsGood(context))
            {
                return CallerRefusals.Unauthenticated;
            }

            if (streams.Enter(context).IsRefused(out var full, out var place))
            {
                return full;
            }

            using (place)
            {
                if ((await FindAsync(request)).IsRefused(out var refusal, out var found))
                {
                    return refusal;
                }

                if (found.Reading is not { } reading)
                {
                    await _sender.SendAsync(new UiSocketAnswer("no-active", id));
                    return null;
                }

                await _sender.SendAsync(new UiSocketAnswer("start", id));
                return await _sender.SendChunksAsync(
                    id, to => streams.FollowAsync(context, place, reading, to, gone));
            }
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreUnavailable(exception);
            return new Refusal(ErrorCodes.StoreUnavailable, "The session store can't be reached: send this again in a little while.");
        }
        catch (Exception exception) when (!UiSocketSender.IsGone(exception))
        {
            LogFailed(exception);
            return new Refusal(ErrorCodes.InternalError, "Something went wrong in the server: send this again in a little while.");
        }
    }

    private async ValueTask<Answer<Found>> FindAsync(UiSocketRequest request)
    {
        if (request.Type == "send")
        {
            return (await UiMessageRuns.BeginAsync(context, commands, request.Input)).IsRefused(out var refused, out var begun)
                ? refused
                : new Found(begun);
        }

        if (!SessionId.TryParse(request.Id, out var sessionId))
        {
            return new Found(null);
        }

        return (await commands.SnapshotAsync(context, sessionId)).IsRefused(out var refusal, out var snapshot)
            ? refusal.Code == ErrorCodes.SessionNotFound ? new Found(null) : refusal
            : new Found(UiMessageRuns.UnderWay(snapshot, time.GetUtcNow()));
    }

    private void GoAway() => _goingAway = GoAwayAsync();

    // The server ends what is being answered by itself; then the socket goes.
    private async Task GoAwayAsync()
    {
        await Task.WhenAll(_requests.Values.Select(request => request.Answering));
        await CloseAsync(WebSocketCloseStatus.EndpointUnavailable, CloseCodes.GoingAway.Text);
    }

    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        _patience.CancelAfter(options.FarewellTimeout);
        await _sender.CloseAsync(status, reason);
    }

    /// <summary>A request that is being answered.</summary>
    [SuppressMessage(
        "Design", "CA1001:Types that own disposable fields should be disposable",
        Justification = "A token source without a timer holds nothing, and an abort may meet a request that has just been answered.")]
    private sealed class UnderWay
    {
        public CancellationTokenSource Gone { get; } = new();

        public Task Answering { get; set; } = Task.CompletedTask;
    }

    private sealed record Found(RunReading? Reading);

    [LoggerMessage(Level = LogLevel.Error, Message = "Answering a chat over a socket failed")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store can't be reached for a chat over a socket")]
    private partial void LogStoreUnavailable(Exception exception);
}
