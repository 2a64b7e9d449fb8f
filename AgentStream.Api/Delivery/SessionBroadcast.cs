using AgentStream.Api.Access;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Delivery;

/// <summary>
/// One session on its way to all its clients on this server: one reader of the log, and memory that they share.
/// See docs/decisions/0015-one-push-loop.md.
/// </summary>
/// <remarks>
/// A client is a cursor and a turn to write, see <see cref="ClientConnection"/>.
/// Whatever changes here raises <see cref="Version"/> and offers each client to go on; one that is busy looks again when it is done.
/// </remarks>
internal sealed partial class SessionBroadcast : IAsyncDisposable
{
    private const int KeptEntries = 4096;
    private const long KeptBytes = 4 << 20;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SnapshotKeptFor = TimeSpan.FromMilliseconds(500);

    private readonly ISessionLog _log;
    private readonly int _maxBehind;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionBroadcast> _logger;
    private readonly Lock _gate = new();
    private readonly HashSet<ClientConnection> _clients = [];
    private ClientConnection[]? _all;
    private readonly RecentEntries _recent;
    private readonly Portions _portions;
    private readonly SharedCall _look;
    private readonly SharedCall _takeSnapshot;
    private readonly List<Offset> _wanted = [];
    private readonly CancellationTokenSource _stopping = new();
    private CancellationTokenSource _round = new();
    private SessionHead _head;
    private SessionSnapshot? _snapshot;
    private long _snapshotTakenAt;
    private long _changedAt;
    private bool _isDegraded;
    private int _failures;
    private Task _trouble = Task.CompletedTask;
    private Task _following = Task.CompletedTask;
    private volatile int _version;

    public SessionBroadcast(
        SessionId sessionId,
        ISessionLog log,
        ApiOptions options,
        FirstDeliveries deliveries,
        TimeProvider time,
        ILogger<SessionBroadcast> logger)
    {
        (_log, _maxBehind, _time, _logger) = (log, options.MaxBehind, time, logger);
        _head = new SessionHead { SessionId = sessionId, Epoch = default, LastSeq = default, TrimmedThrough = default };
        Meter = new DeliveryMeter(sessionId, deliveries, time);
        _recent = new RecentEntries(_maxBehind);
        _portions = new Portions(_recent, Meter);
        _look = new SharedCall(LookAsync);
        _takeSnapshot = new SharedCall(TakeSnapshotAsync);
        Started = StartAsync();
    }

    public SessionId SessionId => _head.SessionId;

    /// <summary>0 to 1.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>The number of readers; kept by <see cref="SessionBroadcasts"/> under its gate.</summary>
    public int Readers { get; set; }

    /// <summary>When the last reader left, as the time provider's timestamp; kept likewise.</summary>
    public long LeftAt { get; set; }

    /// <summary>Completes when the session's head is known.</summary>
    public Task Started { get; }

    /// <summary>It follows the log no more, or never did: nobody should join it.</summary>
    public bool IsOver => Started.IsFaulted || (Started.IsCompleted && _following.IsCompleted);

    /// <summary>Changes with whatever a client may have to be told.</summary>
    public int Version => _version;

    public DeliveryMeter Meter { get; }

    /// <summary>The head, as far as it is known here.</summary>
    public SessionHead Head
    {
        get
        {
            lock (_gate)
            {
                return _head;
            }
        }
    }

    /// <summary>Decides how a client begins, from what is in memory where that is enough.</summary>
    /// <returns>The cursor after which it goes on, or why it can't; neither where it has none.</returns>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<(Cursor? From, ResyncReason? Reason)> OpenAsync(Cursor? cursor, CancellationToken cancellationToken)
    {
        if (_isDegraded)
        {
            throw new StoreUnavailableException("The session store was away a moment ago.");
        }

        if (cursor is not { } position)
        {
            return (null, null);
        }

        var (epoch, reason) = await CheckAsync(position, cancellationToken);
        if (reason is { } refused)
        {
            Refused(refused);
            return (null, refused);
        }

        ApiTelemetry.Resumes.Add(1);
        return (position with { Epoch = epoch }, null);
    }

    /// <summary>Notes that a client gets a snapshot in place of entries.</summary>
    public void Refused(ResyncReason reason)
    {
        LogResync(SessionId, reason);
        ApiTelemetry.Resyncs.Add(1, ApiTelemetry.Reason(reason));
    }

    /// <summary>Adds a client, which is offered what comes from now on.</summary>
    public void Attach(ClientConnection client)
    {
        bool isForbidden;
        lock (_gate)
        {
            _clients.Add(client);
            _all = null;
            isForbidden = IsForbidden(client);
        }

        if (isForbidden)
        {
            client.End(Ending.Forbidden);
        }
    }

    public void Detach(ClientConnection client)
    {
        lock (_gate)
        {
            _clients.Remove(client);
            _all = null;
        }
    }

    /// <summary>
    /// Gets what a client that is free has to be told next; <c>null</c>: nothing;
    /// <see cref="Portion.Missing"/>: it has to <see cref="CheckAsync"/>, or to take a snapshot where it has no position.
    /// </summary>
    public Portion? Next(ClientConnection client)
    {
        lock (_gate)
        {
            if (client.IsToldDegraded != _isDegraded)
            {
                return new Portion(client.Wire.Encode(Notices.Status(_isDegraded))) { IsDegraded = _isDegraded };
            }

            if (client.IsRecovering)
            {
                return null;
            }

            if (client.Position is not { } position)
            {
                return Portion.Missing;
            }

            if (position.Epoch != _head.Epoch)
            {
                return Renew(client, position);
            }

            if (position.After >= _recent.Last)
            {
                return null;
            }

            return IsKept(position.After)
                ? _portions.Entries(client.Wire, _head.Epoch, position.After, client.HasEntries)
                : Portion.Missing;
        }
    }

    /// <summary>Tells why a cursor can't be served; <c>null</c>: it can, in this epoch, and what it lacks is in memory.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<(Epoch Epoch, ResyncReason? Reason)> CheckAsync(Cursor cursor, CancellationToken cancellationToken)
    {
        Task looked;
        lock (_gate)
        {
            if (CursorCheck.Refuse(_head, cursor) is null && cursor.After <= _recent.Last && IsKept(cursor.After))
            {
                return (_head.Epoch, null);
            }

            // The store alone knows what it can still serve.
            _wanted.Add(cursor.After);
            looked = _look.RunAsync();
        }

        await looked.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return (_head.Epoch, CursorCheck.Refuse(_head, cursor) ?? (IsKept(cursor.After) ? null : ResyncReason.TooSlow));
        }
    }

    /// <summary>Gets a snapshot, made once for all who come at about the same time.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<Portion> SnapshotAsync(Wire wire, ResyncReason? reason, CancellationToken cancellationToken)
    {
        for (var isTaken = false; ; isTaken = true)
        {
            Task taken;
            lock (_gate)
            {
                if (_snapshot is { } kept && (isTaken || IsFresh(kept)))
                {
                    return _portions.Snapshot(wire, kept, reason);
                }

                taken = _takeSnapshot.RunAsync();
            }

            await taken.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The heartbeat of now.</summary>
    public Portion Heartbeat(Wire wire)
    {
        // However many watch a session, the store is not asked: the log that is followed says how far it is.
        var head = Head;
        return new Portion(wire.Encode(Notices.Heartbeat(head.Epoch, head.LastSeq, _time.GetUtcNow()))) { IsHeartbeat = true };
    }

    /// <summary>Lets go of what nobody needs any more.</summary>
    public void LetGo()
    {
        lock (_gate)
        {
            // Without a client all of it goes soon, or those who come back find it.
            if (_recent.Count == 0 || _clients.Count == 0)
            {
                return;
            }

            var isQuiet = _time.GetElapsedTime(_changedAt) > KeptFor;
            var needed = _clients.Min(client => client.Reached);
            var droppable = Math.Min(needed, _recent.Last.Value) - _recent.Before.Value;
            var surplus = isQuiet ? _recent.Count
                : Math.Max(_recent.Count - KeptEntries, _recent.Bytes > KeptBytes ? _recent.Count / 2 : 0);
            if (Math.Min(droppable, surplus) is var drop and > 0)
            {
                _recent.Drop((int)drop);
            }

            if (isQuiet)
            {
                _portions.Clear();
            }
        }
    }

    /// <summary>Ends the following. The token sources stay as they are: a read that somebody began may still look at them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_following, _trouble).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // A client that stands in another epoch than the log: it goes on where its own is the beginning of this one, or takes a snapshot.
    private Portion Renew(ClientConnection client, Cursor position)
    {
        if (CursorCheck.Refuse(_head, position) is { } reason)
        {
            Refused(reason);
            client.Forget(reason);
            return Portion.Missing;
        }

        // Entries do not name theirs, and with the old one it could not come back.
        return new Portion(client.Wire.Encode(Notices.Connected(_head, resumed: true, _time.GetUtcNow())))
        {
            Reached = position with { Epoch = _head.Epoch },
        };
    }

    /// <summary>Has each client look whether there is something for it.</summary>
    private void Offer()
    {
        foreach (var client in Clients())
        {
            client.GoOn();
        }
    }

    // The same array until somebody comes or leaves: no garbage with each entry.
    private ClientConnection[] Clients()
    {
        lock (_gate)
        {
            return _all ??= [.. _clients];
        }
    }

    private bool IsKept(Offset after) => after >= _recent.Before && _recent.Last.Value - after.Value <= _maxBehind;

    private bool IsForbidden(ClientConnection client) => !SessionAccess.MayRead(client.Reader, _head);

    private bool IsFresh(SessionSnapshot snapshot)
        => snapshot.Data.Epoch == _head.Epoch
            && snapshot.Data.LastSeq >= _recent.Before
            && _time.GetElapsedTime(_snapshotTakenAt) < SnapshotKeptFor;

    [LoggerMessage(Level = LogLevel.Debug, Message = "A client of session {SessionId} gets a snapshot in place of entries: {Reason}")]
    private partial void LogResync(SessionId sessionId, ResyncReason reason);
}
