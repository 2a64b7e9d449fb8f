using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Benchmarks.Peers;

/// <summary>
/// A signed token, and the settings of a service that takes it: of the ways to be known this one costs a handshake most.
/// </summary>
internal static class BenchmarkToken
{
    private const string Secret = "a-key-for-benchmarks-only-0123456789";
    private const string Issuer = "https://benchmarks.example";
    private const string Audience = "agentstream";

    // One caller has all viewers of a measurement.
    public static IReadOnlyList<KeyValuePair<string, string>> Settings { get; } =
    [
        new("AgentStream__Access__Jwt__Key", Secret),
        new("AgentStream__Access__Jwt__Issuer", Issuer),
        new("AgentStream__Access__Jwt__Audience", Audience),
        new("AgentStream__Api__MaxConnectionsPerCaller", "10000"),
        new("AgentStream__Api__MaxMessagesPerMinute", "10000"),
    ];

    /// <summary>Makes one that holds for a day, as it stands in <c>Authorization</c>.</summary>
    public static string Make()
    {
        var expires = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds();
        var content = Encode("""{"alg":"HS256","typ":"JWT"}""")
            + "." + Encode($$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":"bench","exp":{{expires}}}""");
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.ASCII.GetBytes(content));
        return $"Bearer {content}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
