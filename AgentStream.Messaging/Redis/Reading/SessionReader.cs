using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Messaging.Redis.Following;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Reading;

/// <summary>The head of a session in Redis, and the entries after an offset.</summary>
/// <param name="Head">The head.</param>
/// <param name="Entries">The entries.</param>
/// <param name="History">Where there is no such session: the history of the data in which its fresh epoch was named.</param>
internal sealed record StoredLog(SessionHead Head, IReadOnlyList<LogEntry> Entries, string History = "");

/// <summary>Reads sessions, and notices where Redis has less than it once told this process.</summary>
internal sealed partial class SessionReader(
    RedisLink link,
    RedisKeys keys,
    StoreNames names,
    KnownHeads known,
    SessionIndex work,
    ScriptArguments arguments,
    ILogger<SessionReader> logger)
{
    public async Task<StoredLog> ReadAsync(SessionId sessionId, Offset after, int maxEntries, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var found = await ReadOnceAsync(sessionId, after, maxEntries, cancellationToken);
            if (attempt == 3 || !await MendAsync(sessionId, found.Head, cancellationToken))
            {
                known.Observe(sessionId, found.Head.Epoch, found.Head.LastSeq);
                return found;
            }
        }
    }

    /// <summary>Gives a session that lost data a new epoch. False: there is nothing to mend.</summary>
    public async Task<bool> MendAsync(SessionId sessionId, SessionHead head, CancellationToken cancellationToken)
    {
        if (known.Get(sessionId) is not { } told || told.Epoch != head.Epoch || told.Last <= head.LastSeq)
        {
            return false;
        }

        if (!head.Exists)
        {
            // Nothing is left of it, and the name of its fresh epoch is one that clients know entries of.
            await names.RenewAsync(sessionId, cancellationToken);
            known.Forget(sessionId);
            LogLost(sessionId, told.Last, Offset.Start);
            return true;
        }

        // The script looks again: entries may have come since the head was read.
        var session = keys.Of(sessionId);
        var reborn = (long)await link.EvaluateAsync(
            RedisScript.Reborn, session.All, arguments.Of(session, told, Epoch.New().Value), cancellationToken) == 1;
        if (reborn)
        {
            known.Forget(sessionId);
            LogLost(sessionId, told.Last, head.LastSeq);

            // Its run has no owner now, and where the index is as old as the data, it does not know of it.
            await work.HintAsync(sessionId, cancellationToken);
        }

        return reborn;
    }

    private async Task<StoredLog> ReadOnceAsync(SessionId sessionId, Offset after, int maxEntries, CancellationToken cancellationToken)
    {
        var session = keys.Of(sessionId);
        var answer = await link.EvaluateAsync(
            RedisScript.ReadLog, [session.Meta, session.Log], [after.Value, maxEntries], cancellationToken);
        var parts = (RedisResult[])answer!;
        if (IsAbsent(parts, out var history))
        {
            return new StoredLog(await EmptyHeadAsync(sessionId, history, cancellationToken), [], history);
        }

        try
        {
            var head = ToHead(sessionId, parts) with { Former = ToFormer((string)parts[6]!) };
            return new StoredLog(head, ((byte[][])parts[5]!).Select(frame => EnvelopeCodec.Decode(frame)).ToArray());
        }
        catch (Exception exception) when (SessionUnreadableException.IsMeant(exception))
        {
            throw new SessionUnreadableException(sessionId, exception);
        }
    }

    /// <summary>Whether <c>read.lua</c> or <c>transcript.lua</c> found no session.</summary>
    public static bool IsAbsent(RedisResult[] parts, out string history)
    {
        var isAbsent = parts[0].IsNull;
        history = isAbsent ? (string)parts[1]! : "";
        return isAbsent;
    }

    public async Task<SessionHead> EmptyHeadAsync(SessionId sessionId, string history, CancellationToken cancellationToken) => new()
    {
        SessionId = sessionId,
        Epoch = await names.FreshEpochAsync(sessionId, history, cancellationToken),
        LastSeq = Offset.Start,
        TrimmedThrough = Offset.Start,
    };

    /// <summary>The first five of what <c>read.lua</c> and <c>transcript.lua</c> answer.</summary>
    public static SessionHead ToHead(SessionId sessionId, RedisResult[] parts) => new()
    {
        SessionId = sessionId,
        Epoch = Epoch.Parse((string)parts[0]!),
        LastSeq = new Offset((long)parts[1]),
        TrimmedThrough = new Offset((long)parts[2]),
        Owner = PrincipalId.Parse((string)parts[3]!),
        Title = (string?)parts[4],
    };

    private static IReadOnlyList<FormerEpoch> ToFormer(string text) => text.Length == 0
        ? []
        : [.. text.Split(' ').Chunk(2).Select(pair => new FormerEpoch(Epoch.Parse(pair[0]), Offset.Parse(pair[1])))];

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Redis lost entries of session {SessionId}: it had {Known}, now it has {Found}. The session goes on under a new epoch, "
            + "and its readers start from what is left.")]
    private partial void LogLost(SessionId sessionId, Offset known, Offset found);
}
