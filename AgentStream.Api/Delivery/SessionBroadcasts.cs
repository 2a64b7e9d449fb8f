using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Delivery;

/// <summary>The sessions that clients of this process follow.</summary>
internal sealed class SessionBroadcasts(
    ISessionLog log,
    IOptions<ApiOptions> options,
    FirstDeliveries deliveries,
    TimeProvider time,
    ILogger<SessionBroadcast> logger)
{
    // Many viewers that come back one after the other, or one that reloads the page, find it as it was: the log is not read again.
    private static readonly TimeSpan KeptWithoutReader = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, SessionBroadcast> _sessions = [];
    private Task _closing = Task.CompletedTask;
    private bool _isStopping;

    /// <summary>0 to 1, for pauses that shall not be the same everywhere.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Decides how a reader begins, before the first byte is sent. Refused where it may not read.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<Answer<Opening>> OpenAsync(
        Caller reader, SessionId sessionId, Cursor? cursor, CancellationToken cancellationToken)
    {
        var session = Join(sessionId);
        var isOpen = false;
        try
        {
            await session.Started.WaitAsync(cancellationToken);
            if (!SessionAccess.MayRead(reader, session.Head))
            {
                return CallerRefusals.NoSuchSession;
            }

            var (from, reason) = await session.OpenAsync(cursor, cancellationToken);
            isOpen = true;
            return new Opening(this, session, reader, from, reason);
        }
        finally
        {
            if (!isOpen)
            {
                await LeaveAsync(session);
            }
        }
    }

    /// <summary>Gives back what <see cref="OpenAsync"/> took. Without a reader it is followed a little longer.</summary>
    public async Task LeaveAsync(SessionBroadcast session)
    {
        lock (_gate)
        {
            if (--session.Readers > 0)
            {
                return;
            }

            var isPresent = _sessions.TryGetValue(session.SessionId, out var present) && present == session;
            if (isPresent && !_isStopping && session.Started.IsCompleted && !session.IsOver)
            {
                session.LeftAt = time.GetTimestamp();
                return;
            }

            if (isPresent)
            {
                _sessions.Remove(session.SessionId);
            }
        }

        await session.DisposeAsync();
    }

    /// <summary>Lets go of what nobody needs any more. Called by one loop.</summary>
    public void LetGo()
    {
        List<SessionBroadcast> all;
        List<SessionBroadcast> left;
        lock (_gate)
        {
            left = [.. _sessions.Values.Where(IsLeft)];
            left.ForEach(session => _sessions.Remove(session.SessionId));
            all = [.. _sessions.Values];
        }

        all.ForEach(session => session.LetGo());
        if (left.Count > 0)
        {
            // The loop does not wait for a store that is slow to answer.
            _closing = Task.WhenAll([_closing, .. left.Select(session => session.DisposeAsync().AsTask())]);
        }
    }

    /// <summary>The process ends, and the store with it: ends the following of what has no reader, from now on at once.</summary>
    public async Task StopAsync()
    {
        List<SessionBroadcast> left;
        lock (_gate)
        {
            _isStopping = true;
            left = [.. _sessions.Values.Where(session => session.Readers == 0)];
            left.ForEach(session => _sessions.Remove(session.SessionId));
        }

        await Task.WhenAll([_closing, .. left.Select(session => session.DisposeAsync().AsTask())]);
    }

    private bool IsLeft(SessionBroadcast session) => session.Readers == 0 && time.GetElapsedTime(session.LeftAt) >= KeptWithoutReader;

    private SessionBroadcast Join(SessionId sessionId)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(sessionId, out var session) || session.IsOver)
            {
                _sessions[sessionId] = session = new SessionBroadcast(sessionId, log, options.Value, deliveries, time, logger)
                {
                    Random = Random,
                };
            }

            session.Readers++;
            return session;
        }
    }
}

/// <summary>The beginning of a reader: checked and decided before the first byte is sent, so that it can still be refused.</summary>
/// <param name="Sessions">Who gave it.</param>
/// <param name="Session">The session that it reads.</param>
/// <param name="Reader">Who reads.</param>
/// <param name="From">The cursor after which it goes on; <c>null</c>: a snapshot comes first.</param>
/// <param name="Reason">Set where the reader has a cursor and it can't be served: the snapshot is a <c>resync</c>.</param>
internal sealed record Opening(
    SessionBroadcasts Sessions, SessionBroadcast Session, Caller Reader, Cursor? From, ResyncReason? Reason) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => new(Sessions.LeaveAsync(Session));
}
