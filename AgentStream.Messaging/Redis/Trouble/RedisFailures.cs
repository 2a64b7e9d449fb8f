using System.Text.RegularExpressions;
using AgentStream.Messaging.Log;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Trouble;

/// <summary>Knows which exceptions are trouble with Redis, and says of what Redis refuses what an operator can do about it.</summary>
internal static partial class RedisFailures
{
    /// <summary>The answers that say nothing about a command, but that Redis does not work, or not for this client.</summary>
    private static readonly string[] Refusals =
        [
            "OOM", "READONLY", "LOADING", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY",
            "UNKILLABLE", "NOAUTH", "NOPERM", "WRONGPASS", "UNBLOCKED", "DENIED",
        ];

    /// <summary>The code of a refusal; <c>null</c> for any other error, which is about the command.</summary>
    /// <param name="message">
    /// An error's first word is its code; one from inside a script follows the script's name, with a dash before it;
    /// and of a PING the client's library says <c>Error:</c> before it.
    /// </param>
    public static string? RefusalIn(string message)
        => Refusals.FirstOrDefault(code => message.StartsWith(code + " ", StringComparison.Ordinal)
            || message.StartsWith("Error: " + code + " ", StringComparison.Ordinal)
            || message.Contains("-" + code + " ", StringComparison.Ordinal));

    /// <summary>What is wrong, and what to set.</summary>
    /// <param name="code">A refusal's code.</param>
    /// <param name="message">What Redis said.</param>
    /// <param name="redis">Redis, for people: <c>Redis at localhost:6379</c>.</param>
    public static string Explain(string code, string message, string redis) => code switch
    {
        "WRONGPASS" => $"{redis} refuses the password or the user. Set password=… and user=… in {Setting} as Redis has them.",
        "NOAUTH" => $"{redis} wants a password. Set password=… in {Setting}, and user=… where it has one.",
        "NOPERM" => $"{redis} does not let the user of {Setting} {WhatIsForbidden(message)}. Give it the rights of docs/redis.md.",
        "DENIED" => $"{redis} is in protected mode: it takes clients of its own machine only. Give it a password (requirepass, or a user "
            + $"of docs/redis.md), and set password=… in {Setting}.",
        "READONLY" or "MASTERDOWN" => $"{redis} is a replica, which takes no writes. Name the primary in {Setting}.",
        "LOADING" => $"{redis} is still loading its data. Wait for it; {RedisOptions.Section}:{nameof(RedisOptions.StartTimeout)} sets "
            + "how long a start does.",
        "OOM" => $"{redis} is full and writes nothing more. Raise maxmemory, or shorten "
            + $"{RedisOptions.Section}:{nameof(RedisOptions.SessionRetention)}.",
        "MISCONF" => $"{redis} can't save to its disk and writes nothing more (MISCONF). Give it space; its own log says more.",
        "NOREPLICAS" => $"{redis} has lost its replicas and writes nothing more. Bring them back, or lower min-replicas-to-write.",
        "CLUSTERDOWN" => $"{redis} is a cluster that is down. Bring its nodes back.",
        _ => $"{redis} refuses to work ({code}).",
    };

    /// <summary>Whether this is trouble with Redis; an exception that only was caused by some may be a defect of ours.</summary>
    public static bool Is(Exception exception)
        => exception is StoreUnavailableException or RedisConnectionException or RedisTimeoutException
            || exception is RedisServerException server && RefusalIn(server.Message) is not null;

    /// <summary>What Redis said, where it refused to work; <c>null</c> where it could not be asked.</summary>
    public static string? RefusalOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is RedisServerException server && RefusalIn(server.Message) is not null)
            {
                return server.Message;
            }
        }

        return null;
    }

    private static string Setting => $"ConnectionStrings:{RedisOptions.ConnectionName}";

    // "NOPERM this user has no permissions to run the 'eval' command", "NOPERM this user has no permissions to access one of the keys …"
    private static string WhatIsForbidden(string message)
        => Command().Match(message) is { Success: true } found ? $"use {found.Groups[1].Value}"
            : message.Contains("channel", StringComparison.Ordinal) ? "use its channels"
            : "use its keys";

    [GeneratedRegex("run the '([^']+)' command")]
    private static partial Regex Command();
}
