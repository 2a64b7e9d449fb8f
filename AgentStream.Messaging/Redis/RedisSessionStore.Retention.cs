using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Reading;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

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
        var session = _keys.Of(sessionId);
        var answer = await _link.EvaluateAsync(
            RedisScript.Cut,
            session.All,
            _arguments.Of(session, null, ScriptArguments.ToMicroseconds(_messaging.ReplayWindow)),
            cancellationToken);
        if (answer.IsNull)
        {
            return null;
        }

        var parts = (RedisResult[])answer!;
        var epoch = Epoch.Parse((string)parts[0]!);
        var (trimmed, through, next) = (new Offset((long)parts[1]), new Offset((long)parts[2]), (long)parts[3]);
        if (through > trimmed && await _transcripts.FoldAsync(sessionId, epoch, trimmed, through, cancellationToken) is { } state)
        {
            await _link.EvaluateAsync(
                RedisScript.Trim, session.All, _arguments.Of(session, null, epoch.Value, trimmed.Value, through.Value, state),
                cancellationToken);
            LogFolded(sessionId, through);
        }

        return next == 0 ? null : next;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {SessionId} is folded up to {Through}.")]
    private partial void LogFolded(SessionId sessionId, Offset through);
}
