using System.Diagnostics.CodeAnalysis;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Delivery;

/// <summary>
/// One client that listens, over whatever wire.
/// It is written to by one sender at a time and holds no queue: who has something to say waits for its turn.
/// </summary>
/// <remarks>So a client that does not read is not read from either, and its memory is bounded by what one frame takes.</remarks>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A SemaphoreSlim holds nothing unless its wait handle is asked for, and the heartbeat may meet a connection that has "
        + "just ended.")]
internal abstract class ClientConnection(SessionId sessionId, Cursor position, DeliveryMeter meter, TimeProvider time)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _writingSince;
    private long _lastHeartbeat = time.GetTimestamp();
    private Task _heartbeat = Task.CompletedTask;
    private volatile Tuple<Cursor> _position = Tuple.Create(position);

    public SessionId SessionId => sessionId;

    /// <summary>The wire that it comes over, for those who count: <c>websocket</c> or <c>sse</c>.</summary>
    public abstract string Wire { get; }

    /// <summary>The position to which the client was brought.</summary>
    public Cursor Position => _position.Item1;

    /// <summary>The time that the write under way has taken so far; zero where there is none.</summary>
    public TimeSpan WritingFor => Volatile.Read(ref _writingSince) is var since and not 0 ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>The time since the last heartbeat, or since the beginning.</summary>
    public TimeSpan SinceHeartbeat => time.GetElapsedTime(_lastHeartbeat);

    /// <summary>Cuts the connection without a word; a write under way fails.</summary>
    public abstract void Abort();

    /// <summary>Writes a frame when it is its turn.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="cancellationToken">
    /// Cancels the waiting; a write that has begun is finished, because half a frame would end the connection.
    /// </param>
    public async ValueTask SendAsync(OutgoingFrame frame, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        await WriteInTurnAsync(frame);
    }

    /// <summary>
    /// Begins to write a heartbeat unless something else is being written: then the client hears from us anyway.
    /// The write is this connection's own: one that is stuck keeps nobody but itself, and <see cref="EndWritesAsync"/> waits for it.
    /// </summary>
    public void BeginHeartbeat(Heartbeat heartbeat)
    {
        _lastHeartbeat = time.GetTimestamp();
        if (_turn.Wait(0))
        {
            var frame = new OutgoingFrame(
                NoticeTypes.Heartbeat, EnvelopeCodec.Notice(NoticeTypes.Heartbeat, heartbeat, MessagingJson.Wire.Heartbeat));
            _heartbeat = WriteHeartbeatAsync(frame);
        }
    }

    /// <summary>Whether an exception says no more than that the client has gone.</summary>
    protected abstract bool IsGone(Exception exception);

    protected abstract ValueTask WriteAsync(OutgoingFrame frame);

    /// <summary>Does something that must not meet a write, such as closing.</summary>
    protected async Task InTurnAsync(Func<Task> action)
    {
        await _turn.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes the last turn and keeps it: when this is done, nothing is being written and nothing will be.</summary>
    protected async Task EndWritesAsync()
    {
        await _turn.WaitAsync();
        await _heartbeat;
    }

    private async Task WriteHeartbeatAsync(OutgoingFrame frame)
    {
        try
        {
            await WriteInTurnAsync(frame);
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // The loop that owns the connection sees the same and ends it.
        }
    }

    private async ValueTask WriteInTurnAsync(OutgoingFrame frame)
    {
        try
        {
            // 0 means that nothing is being written, and a clock may well stand at 0.
            Volatile.Write(ref _writingSince, Math.Max(1, time.GetTimestamp()));
            await WriteAsync(frame);
            if (frame.Position is { } reached)
            {
                _position = Tuple.Create(reached);
            }

            if (frame.Entry is { } entry)
            {
                meter.Sent(sessionId, entry);
            }
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
            _turn.Release();
        }
    }
}
