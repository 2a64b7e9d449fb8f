using System.Net;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <summary>Where Redis is, for people: hosts and ports, never the connection string, which may hold a password.</summary>
internal static class RedisPlace
{
    public static string Of(IConnectionMultiplexer redis) => string.Join(", ", redis.GetEndPoints(configuredOnly: true).Select(Of));

    private static string Of(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? "";
}
