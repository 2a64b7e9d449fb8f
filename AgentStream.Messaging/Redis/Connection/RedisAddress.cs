using System.Net;
using AgentStream.Messaging.Telemetry;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>The address of Redis, for people: hosts and ports, never the connection string, which may hold a password.</summary>
internal static class RedisAddress
{
    private const string System = "redis";

    /// <summary>Its name in telemetry and for people.</summary>
    public static StoreSystem SystemOf(IConnectionMultiplexer redis)
    {
        // Of several it is not known here which one is asked.
        var only = redis.GetEndPoints(configuredOnly: true) is [var endPoint] ? endPoint : null;
        return new StoreSystem(System, $"Redis at {Of(redis)}")
        {
            Address = (only as DnsEndPoint)?.Host ?? (only as IPEndPoint)?.Address.ToString(),
            Port = (only as DnsEndPoint)?.Port ?? (only as IPEndPoint)?.Port,
        };
    }

    public static string Of(IConnectionMultiplexer redis) => string.Join(", ", redis.GetEndPoints(configuredOnly: true).Select(Of));

    public static string Of(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? "";
}
