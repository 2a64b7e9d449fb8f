using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Reading;

/// <summary>
/// Names the epochs of sessions that nobody wrote to: the same in all processes, without keeping anything for each session.
/// </summary>
/// <remarks>
/// A name is made of the session's id, the id of this database's life, the history of the data,
/// how many sessions of its bucket were erased, and in which period of the retention it is:
/// a session that was erased, that expired, or whose database was lost does not get its old name again.
/// </remarks>
internal sealed class StoreNames(RedisLink link, RedisKeys keys, TimeSpan retention, TimeProvider timeProvider)
{
    private const int Buckets = 1024;

    /// <param name="sessionId">The session.</param>
    /// <param name="history">
    /// The history of the data on the session's server, see <c>history.lua</c>: what was lost with another one has another name.
    /// </param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async Task<Epoch> FreshEpochAsync(SessionId sessionId, string history, CancellationToken cancellationToken)
    {
        var bucket = Bucket(sessionId);
        var found = ((RedisValue[]?)await link.ExecuteAsync("HMGET", [keys.Store, "id", bucket], cancellationToken))!;
        if (found[0].IsNull)
        {
            // Who comes first names it; whatever stands there afterwards is the name.
            await link.ExecuteAsync("HSETNX", [keys.Store, "id", Guid.NewGuid().ToString("n")], cancellationToken);
            found = ((RedisValue[]?)await link.ExecuteAsync("HMGET", [keys.Store, "id", bucket], cancellationToken))!;
        }

        var period = timeProvider.GetUtcNow().Ticks / retention.Ticks;
        var name = string.Create(CultureInfo.InvariantCulture, $"{sessionId} {found[0]} {found[1]} {period} {history}");
        return Epoch.Parse(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 6)));
    }

    /// <summary>From now on the session's fresh epoch has another name.</summary>
    public async Task RenewAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        try
        {
            await link.ExecuteAsync("HINCRBY", [keys.Store, Bucket(sessionId), 1], cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // A full memory refuses what adds, and erasing has to work then all the same:
            // without an id all fresh epochs get new names, which costs nobody an entry.
            await link.ExecuteAsync("HDEL", [keys.Store, "id"], cancellationToken);
        }
    }

    private static string Bucket(SessionId sessionId)
        => $"erased:{BitConverter.ToUInt16(SHA256.HashData(Encoding.ASCII.GetBytes(sessionId.Value))) % Buckets}";
}
