using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;

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

    /// <summary>Of all that is stored; another one where a version can't read what the one before wrote.</summary>
    private const string Format = "2";

    /// <summary>Looks whether this version can read what is stored under the prefix, and says that it is its own.</summary>
    /// <exception cref="StoreUnavailableException">It can't.</exception>
    public async Task CheckFormatAsync(CancellationToken cancellationToken)
    {
        var found = await link.GetFieldsAsync(keys.Store, ["id", "format"], cancellationToken);
        if (found.Text("format") is null && !found.Has("id"))
        {
            await link.ExecuteAsync("HSETNX", [keys.Store, "format", Format], cancellationToken);
        }
        else if (found.Text("format") != Format)
        {
            throw new StoreUnavailableException(
                "Redis has sessions of another version of AgentStream: run that version, or delete them, or choose another "
                + $"{RedisOptions.Section}:{nameof(RedisOptions.KeyPrefix)}.");
        }
    }

    /// <param name="sessionId">The session.</param>
    /// <param name="history">
    /// The history of the data on the session's server, see <c>history.lua</c>: what was lost with another one has another name.
    /// </param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async Task<Epoch> FreshEpochAsync(SessionId sessionId, string history, CancellationToken cancellationToken)
    {
        var bucket = Bucket(sessionId);
        var found = await link.GetFieldsAsync(keys.Store, ["id", bucket], cancellationToken);
        if (!found.Has("id"))
        {
            await link.ExecuteAsync("HSETNX", [keys.Store, "format", Format], cancellationToken);

            // Who comes first names it; whatever stands there afterwards is the name.
            await link.ExecuteAsync("HSETNX", [keys.Store, "id", Guid.NewGuid().ToString("n")], cancellationToken);
            found = await link.GetFieldsAsync(keys.Store, ["id", bucket], cancellationToken);
        }

        var period = timeProvider.GetUtcNow().Ticks / retention.Ticks;
        var name = string.Create(CultureInfo.InvariantCulture, $"{sessionId} {found.Text("id")} {found.Text(bucket)} {period} {history}");
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
