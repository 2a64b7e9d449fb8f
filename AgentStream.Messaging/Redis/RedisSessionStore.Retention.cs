using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Messaging.Redis.Sessions;
using AgentStream.Messaging.Session;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis;

/// <content>What keeps Redis's memory small.</content>
internal sealed partial class RedisSessionStore
{
    private const int TrimsAtOnce = 32;
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrimTakes = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Folds what has left the replay window into the transcripts. Any process may; each session is handed to one of them.
    /// </summary>
    public async Task RetainAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (due, now) = await _trims.FindDueAsync(TrimsAtOnce, TrimTakes, cancellationToken);
            foreach (var session in due)
            {
                try
                {
                    await (await FoldAsync(session.SessionId, cancellationToken) is { } next
                        ? _trims.PutOffAsync(session, next, cancellationToken)
                        : _trims.NoteVainAsync(session, now, cancellationToken));
                }
                catch (SessionUnreadableException exception)
                {
                    LogUnreadable(exception, session.SessionId);
                    await _trims.PutOffAsync(session, now + ScriptArguments.ToMicroseconds(UnreadableFor), cancellationToken);
                }
            }

            if (due.Count < TrimsAtOnce)
            {
                return;
            }
        }
    }

    private async Task RetainOnceAsync(CancellationToken cancellationToken)
    {
        await RetainAsync(cancellationToken);
        _transcripts.Shrink();
    }

    /// <returns>When to look at the session again, by the store's clock; <c>null</c>: nothing is left to fold.</returns>
    private async Task<long?> FoldAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var stored = await _desk.LoadAsync(sessionId, new ScriptArguments(), cancellationToken);
        if (stored.State is not { } state)
        {
            return null;
        }

        var now = _timeProvider == TimeProvider.System ? stored.ServerNow : _timeProvider.GetUtcNow();
        if (SessionRules.Cut(state, now - _messaging.ReplayWindow) is { } through
            && await _transcripts.FoldAsync(sessionId, state.Epoch, state.TrimmedThrough, through, cancellationToken) is { } transcript)
        {
            var decided = await _desk.DecideAsync(
                sessionId,
                new SessionCommand<bool>
                {
                    Name = "trim",

                    // Unless somebody else did, or the session is another.
                    Decide = (found, at) => found.State is { } latest
                        && latest.Epoch == state.Epoch && latest.TrimmedThrough == state.TrimmedThrough
                        ? (true, new SessionChange
                        {
                            Record = new TrimmedRecord { At = at, Through = through },
                            Base = transcript,
                            MakesRoom = true,
                        })
                        : (false, null),
                },
                cancellationToken);
            state = decided.Stored.State;
            LogFolded(sessionId, through);
        }

        // Due already: an unfinished run is in the way, whose end asks for a look of its own.
        return state?.CutPoints is not [var first, ..] ? null
            : ScriptArguments.ToMicroseconds(
                first.At + _messaging.ReplayWindow > now ? first.At + _messaging.ReplayWindow : now + RetentionInterval);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {SessionId} is folded up to {Through}.")]
    private partial void LogFolded(SessionId sessionId, Offset through);
}
