using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Trouble;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>Tells at start whether the server can do what the store needs, by doing it, before anything is kept there.</summary>
internal static class EngineCheck
{
    private const string Channel = "check";
    private const int MaxNamed = 5;

    private const string Advice = "Use Redis 6.2 or later, or Valkey; docs/redis.md has what was tried.";

    // As the store and its scripts use them; the answers that other engines gave otherwise, or might, are compared (as JSON).
    private const string Commands = """
        HSET @ a 1 b 2
        HSETNX @ c 3
        HINCRBY @ a 1
        HDEL @ b
        HEXISTS @ a
        HVALS @
        HGETALL @
        HMGET @ a b = ["2",false]
        PEXPIRE @ 60000
        PEXPIREAT @ 32503680000000
        DEL @
        XADD @ 1-0 f one
        XADD @ 2-0 f two
        XTRIM @ MINID 2-0
        XRANGE @ 1 + COUNT 10 = [["2-0",["f","two"]]]
        DEL @
        ZADD @ 2 m
        ZADD @ GT 1 m
        ZADD @ NX 0 m
        ZSCORE @ m = "2"
        ZINCRBY @ -1 m
        ZCOUNT @ -inf (1e12
        ZCARD @
        ZMSCORE @ m
        ZRANGE @ 0 0 WITHSCORES
        ZREVRANGEBYSCORE @ +inf -inf WITHSCORES LIMIT 0 1
        ZRANGEBYSCORE @ -inf +inf WITHSCORES LIMIT 0 1 = ["m","1"]
        ZREMRANGEBYSCORE @ -inf 0
        ZREM @ m
        SET @ text PX 60000
        GET @ = "text"
        EXISTS @
        DEL @
        PUBLISH # binary
        """;

    /// <exception cref="StoreUnavailableException">It can't.</exception>
    public static async Task RunAsync(RedisLink link, RedisKeys keys, CancellationToken cancellationToken)
    {
        List<(string Command, string Error)> failed;
        try
        {
            var arguments = new ScriptArguments { { "channel", keys.Probe(Channel) }, { "commands", Commands } };
            var reply = await link.EvaluateAsync(RedisScript.Check, [keys.Check], arguments, cancellationToken);
            failed = [.. reply.Pairs("failed").Where(one => RedisFailures.RefusalIn(one.Second + " ") is null or "NOPERM")];
        }
        catch (RedisServerException exception)
        {
            throw new StoreUnavailableException(
                "The server of ConnectionStrings:redis does not run Lua scripts as AgentStream needs them. " + Advice, exception);
        }

        var denied = failed.Where(one => IsDenied(one.Error)).Select(one => one.Command).Distinct().ToList();
        if (denied.Count > 0)
        {
            throw new StoreUnavailableException(
                $"The user of ConnectionStrings:redis may not do what AgentStream needs ({Named(denied)}). "
                + "docs/redis.md has the rules for a user of its own.");
        }

        if (failed.Count > 0)
        {
            throw new StoreUnavailableException(
                $"The server of ConnectionStrings:redis can't do what AgentStream needs ({Named(failed.ConvertAll(one => one.Command))}). "
                + Advice);
        }
    }

    private static string Named(List<string> commands)
    {
        var names = commands.Distinct().ToList();
        return string.Join(", ", names.Take(MaxNamed)) + (names.Count > MaxNamed ? " and others" : "");
    }

    // "NOPERM this user has no permissions …", "ERR The user executing the script can't run this command or subcommand script: …".
    private static bool IsDenied(string error)
        => error.Contains("permission", StringComparison.OrdinalIgnoreCase) || error.Contains("can't run", StringComparison.Ordinal)
            || error.Contains("can't access", StringComparison.Ordinal);
}
