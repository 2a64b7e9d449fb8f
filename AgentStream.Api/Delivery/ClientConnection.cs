using System.Diagnostics.CodeAnalysis;
using AgentStream.Access;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Delivery;

/// <summary>The reason why the server ends a connection.</summary>
internal enum Ending
{
    GoingAway,
    Forbidden,
    SignedOut,
    Failed,
}

/// <summary>
/// One client that listens, over whatever wire: a cursor on what its session's clients share, and a turn to write.
/// While nothing happens it owns no task, timer, token or buffer.
/// </summary>
/// <remarks>
/// Whoever has the turn writes, and looks for more before giving it back; so a client that is busy gets in one write what has gathered.
/// There is no queue: a client that does not read is not read from either, and its memory is bounded by what one write takes.
/// </remarks>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A SemaphoreSlim and a token source hold nothing unless their wait handles are asked for, "
        + "and the broadcast may meet a connection that has just ended.")]
internal abstract partial class ClientConnection
{
    private readonly SessionBroadcast _session;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Offset _live;

    // Taken until the first frame is written.
    private readonly SemaphoreSlim _turn = new(0, 1);
    private Cursor? _position;
    private ResyncReason? _reason;
    private CancellationTokenSource? _recovering;
    private Task _recovery = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;
    private long _reached = long.MaxValue;
    private long _writingSince;
    private long _endingSince;
    private long _lastHeartbeat;
    private volatile bool _isOver;

    protected ClientConnection(Opening opening, TimeProvider time, ILogger logger)
    {
        (_session, _time, _logger) = (opening.Session, time, logger);
        _live = _session.Head.LastSeq;
        _reason = opening.Reason;
        _lastHeartbeat = time.GetTimestamp();
        Reader = opening.Reader;
        if (opening.From is { } from)
        {
            Reach(from);
        }
    }

    public SessionId SessionId => _session.SessionId;

    public Caller Reader { get; }

    /// <summary>The wire that it comes over.</summary>
    public abstract Wire Wire { get; }

    /// <summary>The position to which it was brought; <c>null</c>: it needs a snapshot. Good for whoever has the turn.</summary>
    public Cursor? Position => _position;

    /// <summary>The offset to which it was brought, for those who have not the turn; as high as can be where it needs a snapshot.</summary>
    public long Reached => Volatile.Read(ref _reached);

    /// <summary>
    /// Whether the entry at its position came over this connection, not with a snapshot or over an earlier one. For whoever has the turn.
    /// </summary>
    public bool HasEntries { get; private set; }

    /// <summary>Whether it was told that the store is away.</summary>
    public bool IsToldDegraded { get; private set; }

    /// <summary>Whether what it lacks is being read.</summary>
    public bool IsRecovering => _recovering is not null;

    /// <summary>The time that the write under way has taken so far; zero where there is none.</summary>
    public TimeSpan WritingFor => Since(ref _writingSince);

    /// <summary>The time that the message under way has been coming in so far; zero where there is none.</summary>
    public virtual TimeSpan ReceivingFor => TimeSpan.Zero;

    /// <summary>The time since it was to end; zero where it is not.</summary>
    public TimeSpan EndingFor => Since(ref _endingSince);

    /// <summary>The time since the last heartbeat, or since the beginning.</summary>
    public TimeSpan SinceHeartbeat => _time.GetElapsedTime(_lastHeartbeat);

    /// <summary>The newest offset that is known here.</summary>
    protected Offset Newest => _session.Head.LastSeq;

    /// <summary>Whether the server ends the connection.</summary>
    protected bool IsEnding => Volatile.Read(ref _endingSince) != 0;

    /// <summary>Cuts the connection without a word; a write under way fails.</summary>
    public abstract void Abort();

    /// <summary>Begins to end the connection; it has <see cref="ApiOptions.FarewellTimeout"/> to get to its end.</summary>
    public abstract void End(Ending ending);

    /// <summary>Brings what there is, unless something is being written: then it is looked for afterwards.</summary>
    public void GoOn()
    {
        if (_turn.Wait(0))
        {
            WriteAll();
        }
    }

    /// <summary>Begins to write a heartbeat unless something else is being written: then the client hears from us anyway.</summary>
    public void BeginHeartbeat()
    {
        _lastHeartbeat = _time.GetTimestamp();
        if (_turn.Wait(0))
        {
            WriteAll(_isOver || IsEnding ? null : _session.Heartbeat(Wire));
        }
    }

    /// <summary>Has it begin anew with a snapshot. For whoever has the turn.</summary>
    public void Forget(ResyncReason reason)
    {
        (_position, _reason, HasEntries) = (null, reason, false);
        Volatile.Write(ref _reached, long.MaxValue);
    }

    /// <summary>Whether an exception says no more than that the client has gone.</summary>
    protected abstract bool IsGone(Exception exception);

    protected abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Writes what is next in turn.</summary>
    protected virtual ValueTask WriteAsync(Portion portion) => WriteAsync(portion.Bytes);

    /// <summary>Writes the first frame; what there is then, and what comes, is brought as it comes.</summary>
    protected async Task BeginAsync()
    {
        _session.Attach(this);
        await WriteInTurnAsync(Wire.Encode(Notices.Connected(_session.Head, resumed: _position is not null, _time.GetUtcNow())));
    }

    /// <summary>Writes something when it is its turn.</summary>
    /// <param name="bytes">Frames in the form of the wire.</param>
    /// <param name="isLast">Whether nothing may be written after it.</param>
    protected async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, bool isLast = false)
    {
        await _turn.WaitAsync();
        if (_isOver)
        {
            _turn.Release();
            throw new OperationCanceledException("The connection is over.");
        }

        _isOver = isLast;
        await WriteInTurnAsync(bytes);
    }

    /// <summary>Begins the end: of the log nothing is written any more but what is being written. False: it had begun before.</summary>
    protected bool TryBeginEnd()
        => Interlocked.CompareExchange(ref _endingSince, Math.Max(1, _time.GetTimestamp()), 0) == 0;

    /// <summary>Takes the last turn and keeps it: when this is done, nothing is being written and nothing will be.</summary>
    protected async Task EndWritesAsync()
    {
        _isOver = true;
        _session.Detach(this);
        await _turn.WaitAsync();
        if (_recovering is { } recovering)
        {
            await recovering.CancelAsync();
        }

        await Task.WhenAll(_recovery, _writing);
    }

    // In turn. Ends with giving the turn back, or with a write under way that does.
    private void WriteAll(Portion? next = null)
    {
        while (true)
        {
            var seen = _session.Version;
            try
            {
                next ??= Next();
                if (next is not null)
                {
                    var write = WriteAsync(next);
                    if (!write.IsCompletedSuccessfully)
                    {
                        _writing = FinishAsync(write, next);
                        return;
                    }

                    write.GetAwaiter().GetResult();
                    Took(next);
                    next = null;
                    continue;
                }
            }
            catch (Exception exception)
            {
                Lose(exception);
                next = null;
            }

            // Whoever was turned away since has raised the version before.
            _turn.Release();
            if (_session.Version == seen || !_turn.Wait(0))
            {
                return;
            }
        }
    }

    private Portion? Next()
    {
        if (_isOver || IsEnding)
        {
            return null;
        }

        var next = _session.Next(this);
        if (next != Portion.Missing)
        {
            return next;
        }

        _recovering = new CancellationTokenSource();
        _recovery = RecoverAsync(_recovering.Token);
        return null;
    }

    private async Task FinishAsync(ValueTask write, Portion portion)
    {
        MarkWriting();
        try
        {
            await write;
            Took(portion);
        }
        catch (Exception exception)
        {
            Lose(exception);
        }

        Volatile.Write(ref _writingSince, 0);
        WriteAll();
    }

    private async ValueTask WriteInTurnAsync(ReadOnlyMemory<byte> bytes)
    {
        MarkWriting();
        try
        {
            await WriteAsync(bytes);
        }
        catch
        {
            _isOver = true;
            throw;
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
            WriteAll();
        }
    }

    // What the server lacks is read, or a snapshot takes its place. The turn is free meanwhile.
    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    var snapshot = await TakeSnapshotAsync(cancellationToken);
                    await _turn.WaitAsync(cancellationToken);
                    _recovering = null;
                    WriteAll(_isOver || IsEnding ? null : snapshot);
                    return;
                }
                catch (StoreUnavailableException exception)
                {
                    await _session.WaitForStoreAsync(exception).WaitAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
        catch (Exception exception)
        {
            LogFailed(exception, SessionId);
            End(Ending.Failed);
        }
    }

    // Null: none is needed.
    private async ValueTask<Portion?> TakeSnapshotAsync(CancellationToken cancellationToken)
    {
        if (_position is { } position)
        {
            if ((await _session.CheckAsync(position, cancellationToken)).Reason is not { } reason)
            {
                return null;
            }

            _session.Refused(reason);
            Forget(reason);
        }

        return await _session.SnapshotAsync(Wire, _reason, cancellationToken);
    }

    private void Took(Portion portion)
    {
        if (portion.Reached is { } reached)
        {
            Reach(reached);
        }

        if (_recovery.IsCompleted)
        {
            _recovery = Task.CompletedTask;
        }

        HasEntries |= portion.Ends.Count > 0;
        IsToldDegraded = portion.IsDegraded ?? IsToldDegraded;
        _session.Meter.Sent(portion, _live);
    }

    private void Reach(Cursor position)
    {
        _position = position;
        Volatile.Write(ref _reached, position.After.Value);
    }

    private void Lose(Exception exception)
    {
        _isOver = true;
        if (!IsGone(exception))
        {
            LogFailed(exception, SessionId);
        }

        Abort();
    }

    // 0 means that nothing is being written, and a clock may well stand at 0.
    private void MarkWriting() => Volatile.Write(ref _writingSince, Math.Max(1, _time.GetTimestamp()));

    protected TimeSpan Since(ref long timestamp)
        => Volatile.Read(ref timestamp) is var since and not 0 ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivering to a client of session {SessionId} failed")]
    private partial void LogFailed(Exception exception, SessionId sessionId);
}
