using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>The sessions that were erased lately: a sorted set by when, for workers that did not hear of it.</summary>
internal sealed class ErasedSessions(RedisLink link, RedisKey key, TimeProvider timeProvider) : IErasures
{
    private const int AtOnce = 500;

    /// <summary>Notes that a session is erased. False: Redis takes nothing more in.</summary>
    public async Task<bool> TryNoteAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var arguments = new ScriptArguments
        {
            { "session", sessionId.Value },
            { "at", ScriptArguments.ToMicroseconds(timeProvider.GetUtcNow()) },
            { "retention", (long)IErasures.Remembered.TotalMilliseconds },
        };
        try
        {
            await link.EvaluateAsync(RedisScript.List, [key], arguments, cancellationToken);
            return true;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    public async ValueTask<IReadOnlyDictionary<SessionId, DateTimeOffset>> FindAsync(
        IReadOnlyList<SessionId> sessions, CancellationToken cancellationToken = default)
    {
        var erased = new Dictionary<SessionId, DateTimeOffset>();
        foreach (var some in sessions.Chunk(AtOnce))
        {
            RedisValue[] members = [.. some.Select(sessionId => (RedisValue)sessionId.Value)];
            var times = await link.AskAsync(
                key, database => database.SortedSetScoresAsync(key, members, CommandFlags.DemandMaster), cancellationToken);
            foreach (var (sessionId, time) in some.Zip(times))
            {
                if (time is { } at)
                {
                    erased[sessionId] = ScriptArguments.ToTime((long)at);
                }
            }
        }

        return erased;
    }
}
