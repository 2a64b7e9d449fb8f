using System.Text.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Following;
using AgentStream.Messaging.Redis.Sessions;

namespace AgentStream.Messaging.Redis.Reading;

/// <summary>The head of a session in Redis, and the entries after an offset.</summary>
/// <param name="Head">The head.</param>
/// <param name="Entries">The entries.</param>
internal sealed record StoredLog(SessionHead Head, IReadOnlyList<LogEntry> Entries);

/// <summary>Reads sessions, and notices where Redis has less than it once told this process.</summary>
internal sealed class SessionReader(
    RedisLink link,
    RedisKeys keys,
    StoreNames names,
    KnownHeads known,
    SessionDesk desk)
{
    public async Task<StoredLog> ReadAsync(SessionId sessionId, Offset after, int maxEntries, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var told = known.Get(sessionId);
            var found = await ReadOnceAsync(sessionId, after, maxEntries, cancellationToken);
            var isShort = told is { } head && head.Epoch == found.Head.Epoch && head.Last > found.Head.LastSeq;
            if (attempt == 3 || !isShort || !await desk.MendAsync(sessionId, told!.Value, cancellationToken))
            {
                known.Observe(sessionId, found.Head.Epoch, found.Head.LastSeq);
                return found;
            }
        }
    }

    /// <summary>Reads the log from an offset on, whatever it says of what was lost.</summary>
    public async Task<IReadOnlyList<LogEntry>> ReadEntriesAsync(SessionId sessionId, Offset first, CancellationToken cancellationToken)
        => (await ReadOnceAsync(sessionId, new Offset(first.Value - 1), int.MaxValue, cancellationToken)).Entries;

    private async Task<StoredLog> ReadOnceAsync(SessionId sessionId, Offset after, int maxEntries, CancellationToken cancellationToken)
    {
        var session = keys.Of(sessionId);
        var answer = await link.EvaluateAsync(
            RedisScript.ReadLog,
            [session.Meta, session.Log],
            new ScriptArguments { { "after", after.Value }, { "count", maxEntries } },
            cancellationToken);
        if (answer.Text("history") is { } history)
        {
            return new StoredLog(await EmptyHeadAsync(sessionId, history, cancellationToken), []);
        }

        try
        {
            return new StoredLog(ToHead(sessionId, answer), [.. answer.List("frames").Select(frame => EnvelopeCodec.Decode(frame))]);
        }
        catch (Exception exception) when (SessionUnreadableException.IsMeant(exception))
        {
            throw new SessionUnreadableException(sessionId, exception);
        }
    }

    /// <summary>The head of a session that there is not, in the history of the data that the script told.</summary>
    public async Task<SessionHead> EmptyHeadAsync(SessionId sessionId, string history, CancellationToken cancellationToken) => new()
    {
        SessionId = sessionId,
        Epoch = await names.FreshEpochAsync(sessionId, history, cancellationToken),
        LastSeq = Offset.Start,
        TrimmedThrough = Offset.Start,
    };

    /// <summary>The head that <c>read.lua</c> and <c>transcript.lua</c> answer.</summary>
    public static SessionHead ToHead(SessionId sessionId, ScriptReply reply) => new()
    {
        SessionId = sessionId,
        Epoch = Epoch.Parse(reply.Text("epoch")!),
        LastSeq = new Offset(reply.Number("seq")),
        TrimmedThrough = new Offset(reply.Number("trimmed")),
        Owner = PrincipalId.Parse(reply.Text("owner")!),
        Title = reply.Text("title"),
        Former = reply.Text("former") is { Length: > 0 } former
            && JsonSerializer.Deserialize(former, RedisJson.Stored.IReadOnlyListFormerEpoch) is { Count: > 0 } epochs ? epochs : [],
    };
}
