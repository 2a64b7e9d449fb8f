using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Reading;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>How a worker comes by a run.</content>
internal sealed partial class RedisSessionStore
{
    private const int CandidatesAtOnce = 16;

    /// <summary>The time for which to leave a session alone that this version can't read.</summary>
    private static readonly TimeSpan UnreadableFor = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(worker);
        cancellationToken.ThrowIfCancellationRequested();

        // The index first: it has those that wait longest in front, and before them the runs whose workers are gone.
        // Announcements alone would leave these to the day when nobody writes anything.
        if (await ClaimDueAsync(worker, cancellationToken) is { } due)
        {
            return due;
        }

        while (_signals.TakeAnnounced() is { } sessionId)
        {
            if ((await ClaimAsync(sessionId, worker)).Claim is { } claim)
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>The first run that can be claimed of those that the index knows of.</summary>
    private async Task<RunClaim?> ClaimDueAsync(string worker, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (due, now) = await _work.FindDueAsync(CandidatesAtOnce, TimeSpan.Zero, cancellationToken);
            foreach (var candidate in due)
            {
                var (claim, lookAgain) = await ClaimAsync(candidate.SessionId, worker);
                if (claim is not null)
                {
                    return claim;
                }

                await (lookAgain is { } at
                    ? _work.PutOffAsync(candidate, at, cancellationToken)
                    : _work.NoteVainAsync(candidate, now, cancellationToken));
            }

            if (due.Count < CandidatesAtOnce)
            {
                return null;
            }
        }
    }

    /// <returns>The claim, or when the lease ends that somebody else has; neither where there is nothing to claim.</returns>
    private async Task<(RunClaim? Claim, long? LookAgain)> ClaimAsync(SessionId sessionId, string worker)
    {
        var session = _keys.Of(sessionId);
        _signals.Forget(sessionId);

        // Not to be cancelled: a claim that stands but that nobody was told of would wait for its lease to run out.
        var answer = (RedisResult[])(await _link.EvaluateAsync(
            RedisScript.Claim,
            session.All,
            _arguments.Of(
                session,
                _known.Get(sessionId),
                worker,
                ScriptArguments.ToMicroseconds(_messaging.LeaseDuration),
                ScriptArguments.ToMicroseconds(_trouble.Patience)),
            CancellationToken.None))!;
        switch ((string)answer[0]!)
        {
            case "claimed":
                try
                {
                    var claim = ClaimReply.Read(sessionId, answer, _messaging.LeaseDuration);
                    await _work.MoveAsync(sessionId, (long)answer[2], CancellationToken.None);
                    return (claim, null);
                }
                catch (Exception exception) when (SessionUnreadableException.IsMeant(exception))
                {
                    LogUnreadable(exception, sessionId);
                    return (null, await PutBackAsync(session, answer));
                }

            case "leased":
                return (null, (long)answer[2]);

            case "parked":
                // Found by the sweep, maybe, after the index had lost data: then the other has, too.
                await _expiries.ScheduleAsync(sessionId, ScriptArguments.ToTime((long)answer[2]), CancellationToken.None);
                return (null, null);

            case "lost_entries":
                await _reader.ReadAsync(sessionId, Offset.Start, 0, CancellationToken.None);
                return (null, (long)answer[1]);

            default:
                return (null, null);
        }
    }

    /// <summary>
    /// Gives a run back that this version can't read, for one that can: nobody is called,
    /// since the first to come would be this process again.
    /// </summary>
    /// <returns>The time at which it can be claimed again, by the store's clock.</returns>
    private async Task<long> PutBackAsync(SessionKeys session, RedisResult[] answer)
    {
        var again = (long)answer[1] + ScriptArguments.ToMicroseconds(UnreadableFor);
        await _link.EvaluateAsync(
            RedisScript.Release, session.All, _arguments.Of(session, null, (string)answer[3]!, (string)answer[16]!, (long)answer[4], 1),
            CancellationToken.None);
        await _work.MoveAsync(session.SessionId, again, CancellationToken.None);
        return again;
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Session {SessionId} has something that this version can't read, most likely from a newer one; it is left to others for "
            + "a while.")]
    private partial void LogUnreadable(Exception exception, SessionId sessionId);
}
