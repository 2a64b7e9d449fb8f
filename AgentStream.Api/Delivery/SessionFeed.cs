using System.Runtime.CompilerServices;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Delivery;

/// <summary>The frames that a reader gets, in order, whatever the wire: a cursor on the log and nothing more.</summary>
internal sealed partial class SessionFeed(
    ISessionLog log,
    SessionAccess access,
    IOptions<ApiOptions> options,
    FirstDeliveries deliveries,
    TimeProvider time,
    ILogger<SessionFeed> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Decides how a reader begins. Refused where it may not read.</summary>
    /// <exception cref="StoreUnavailableException">The store can't be reached.</exception>
    public async ValueTask<Answer<FeedStart>> OpenAsync(
        PrincipalId reader, SessionId sessionId, Cursor? cursor, CancellationToken cancellationToken)
    {
        var head = await log.GetHeadAsync(sessionId, cancellationToken);
        if (access.Check(reader, head, SessionOperation.Read) is { } forbidden)
        {
            return forbidden;
        }

        if (cursor is not { } from)
        {
            return new FeedStart(reader, head, null, null);
        }

        // The store alone knows what it can still serve.
        var probe = await log.ReadAsync(sessionId, from, 1, cancellationToken);
        var reason = probe.Resync ?? (LacksTooMuch(from, probe) ? ResyncReason.TooSlow : null);
        Count(reason);
        return new FeedStart(reader, head, reason is null ? new Cursor(probe.Epoch, from.After) : null, reason);
    }

    /// <summary>The first frame of all.</summary>
    public OutgoingFrame Connected(FeedStart start)
        => Connected(start.Head.SessionId, start.Head.Epoch, start.Head.LastSeq, resumed: start.From is not null);

    private OutgoingFrame Connected(SessionId sessionId, Epoch epoch, Offset lastSeq, bool resumed)
    {
        var connected = new Connected
        {
            SessionId = sessionId,
            Epoch = epoch,
            LastSeq = lastSeq,
            Resumed = resumed,
            ServerTime = time.GetUtcNow(),
        };
        return new OutgoingFrame(
            NoticeTypes.Connected, EnvelopeCodec.Notice(NoticeTypes.Connected, connected, MessagingJson.Wire.Connected));
    }

    /// <summary>All that follows the first frame. Ends only by being cancelled; trouble of the store is told and waited out.</summary>
    /// <exception cref="SessionForbiddenException">The session became somebody else's.</exception>
    public async IAsyncEnumerable<OutgoingFrame> FollowAsync(FeedStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sessionId = start.Head.SessionId;
        var follower = new LogReader(log, sessionId, start.From);
        var reason = start.Reason;
        var isOwned = start.Head.Owner is not null;
        var failures = 0;
        await using (follower)
        {
            while (true)
            {
                SessionSnapshot? snapshot = null;
                LogBatch? batch = null;
                try
                {
                    if (follower.Position is null)
                    {
                        var taken = await log.SnapshotAsync(sessionId, cancellationToken);
                        isOwned = await CheckAsync(start.Reader, sessionId, cancellationToken);
                        snapshot = taken;
                    }
                    else
                    {
                        var next = await follower.NextAsync(cancellationToken);
                        isOwned = isOwned || (next.Entries.Count > 0 && await CheckAsync(start.Reader, sessionId, cancellationToken));
                        batch = next;
                    }
                }
                catch (StoreUnavailableException exception)
                {
                    LogStoreUnavailable(exception, sessionId);
                }

                if (snapshot is null && batch is null)
                {
                    await follower.RestartAsync(follower.Position);
                    yield return Status(
                        "degraded",
                        "The session store can't be reached. Stay connected: nothing that was accepted is lost, and this goes on when it "
                            + "is back.");
                    await WaitForStoreAsync(start.Reader, sessionId, failures++, cancellationToken);
                    yield return Status("ok", "The session store is back.");
                    continue;
                }

                failures = 0;
                if (snapshot is not null)
                {
                    var position = new Cursor(snapshot.Data.Epoch, snapshot.Data.LastSeq);
                    yield return Snapshot(snapshot, reason, position);
                    await follower.RestartAsync(position);
                    continue;
                }

                reason = batch!.Resync ?? (LacksTooMuch(follower.Position!.Value, batch) ? ResyncReason.TooSlow : null);
                if (reason is not null)
                {
                    LogResync(sessionId, reason.Value);
                    Count(reason);
                    await follower.RestartAsync(null);
                    continue;
                }

                if (follower.Position!.Value.Epoch != batch.Epoch)
                {
                    // The log goes on in another epoch, from where the reader is.
                    // Entries do not name theirs, and with the old one the reader could not come back.
                    yield return Connected(sessionId, batch.Epoch, batch.Head, resumed: true);
                }

                foreach (var frame in DeltaMerger.Frames(batch))
                {
                    yield return frame;
                    follower.Position = frame.Position;
                }
            }
        }
    }

    /// <summary>Measures what a reader gets from now on.</summary>
    public DeliveryMeter MeterOf(FeedStart start) => new(start.Head.LastSeq, deliveries, time);

    private static void Count(ResyncReason? reason)
    {
        if (reason is { } known)
        {
            ApiTelemetry.Resyncs.Add(1, ApiTelemetry.Reason(known));
        }
        else
        {
            ApiTelemetry.Resumes.Add(1);
        }
    }

    /// <summary>Tells how the server is.</summary>
    public static OutgoingFrame Status(string state, string message)
        => new(NoticeTypes.Status, EnvelopeCodec.Notice(
            NoticeTypes.Status, new StatusChanged { State = state, Message = message }, MessagingJson.Wire.StatusChanged));

    private static OutgoingFrame Snapshot(SessionSnapshot snapshot, ResyncReason? reason, Cursor position)
        => reason is null
            ? new OutgoingFrame(NoticeTypes.Snapshot, snapshot.Frame, position)
            : new OutgoingFrame(
                NoticeTypes.Resync,
                EnvelopeCodec.Notice(NoticeTypes.Resync, snapshot.Data with { Reason = reason }, MessagingJson.Wire.SnapshotData),
                position);

    private bool LacksTooMuch(Cursor reader, LogBatch batch) => batch.Head.Value - reader.After.Value > options.Value.MaxBehind;

    private async ValueTask<bool> CheckAsync(PrincipalId reader, SessionId sessionId, CancellationToken cancellationToken)
    {
        var head = await log.GetHeadAsync(sessionId, cancellationToken);
        return access.Check(reader, head, SessionOperation.Read) is null ? head.Owner is not null : throw new SessionForbiddenException();
    }

    // Asks with growing pauses until the store answers: a reader of a quiet session shall hear that it is back, too.
    private async Task WaitForStoreAsync(PrincipalId reader, SessionId sessionId, int failures, CancellationToken cancellationToken)
    {
        for (var attempt = failures; ; attempt++)
        {
            var longest = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 10)));
            await Task.Delay(
                TimeSpan.FromMilliseconds((longest / 2) + (Random.Shared.NextDouble() * longest / 2)), time, cancellationToken);
            try
            {
                await CheckAsync(reader, sessionId, cancellationToken);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception, sessionId);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A reader of session {SessionId} waits for the store")]
    private partial void LogStoreUnavailable(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A reader of session {SessionId} gets a snapshot in place of entries: {Reason}")]
    private partial void LogResync(SessionId sessionId, ResyncReason reason);
}
