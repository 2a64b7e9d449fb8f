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
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, SessionBroadcast> _sessions = [];

    /// <summary>Decides how a reader begins, before the first byte is sent. Refused where it may not read.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<Answer<Opening>> OpenAsync(
        PrincipalId reader, SessionId sessionId, Cursor? cursor, CancellationToken cancellationToken)
    {
        var session = Join(sessionId);
        var isOpen = false;
        try
        {
            await session.Started.WaitAsync(cancellationToken);
            if (!SessionAccess.May(reader, session.Head))
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

    /// <summary>Gives back what <see cref="OpenAsync"/> took; the last reader ends the following.</summary>
    public async Task LeaveAsync(SessionBroadcast session)
    {
        lock (_gate)
        {
            if (--session.Readers > 0)
            {
                return;
            }

            if (_sessions.TryGetValue(session.SessionId, out var present) && present == session)
            {
                _sessions.Remove(session.SessionId);
            }
        }

        await session.DisposeAsync();
    }

    /// <summary>Lets go of what nobody needs any more.</summary>
    public void LetGo()
    {
        List<SessionBroadcast> all;
        lock (_gate)
        {
            all = [.. _sessions.Values];
        }

        all.ForEach(session => session.LetGo());
    }

    private SessionBroadcast Join(SessionId sessionId)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(sessionId, out var session) || session.Started.IsFaulted)
            {
                _sessions[sessionId] = session = new SessionBroadcast(sessionId, log, options.Value, deliveries, time, logger);
            }

            session.Readers++;
            return session;
        }
    }
}

/// <summary>The beginning of a reader: checked and decided before the first byte is sent, so that it can still be refused.</summary>
/// <param name="Sessions">Who gave it.</param>
/// <param name="Session">The session that it reads.</param>
/// <param name="Reader">The principal that reads.</param>
/// <param name="From">The cursor after which it goes on; <c>null</c>: a snapshot comes first.</param>
/// <param name="Reason">Set where the reader has a cursor and it can't be served: the snapshot is a <c>resync</c>.</param>
internal sealed record Opening(
    SessionBroadcasts Sessions, SessionBroadcast Session, PrincipalId Reader, Cursor? From, ResyncReason? Reason) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => new(Sessions.LeaveAsync(Session));
}
