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

    /// <summary>Of all that is stored; another one where a version can't read what the one before wrote.</summary>
    private const string Format = "2";

    /// <summary>The time that a name may take, where another node of a cluster has what it is made of than the session.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Stands for the database's id while that is away; another one each time.
    private volatile string? _standIn;

    /// <summary>Looks whether this version can read what is stored under the prefix, and says that it is its own.</summary>
    /// <exception cref="StoreUnavailableException">It can't.</exception>
    public async Task CheckFormatAsync(CancellationToken cancellationToken)
    {
        var found = await link.GetFieldsAsync(keys.Store, ["id", "format"], cancellationToken);
        if (found.Text("format") is null && !found.Has("id"))
        {
            await PutIfAbsentAsync("format", Format, cancellationToken);
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
        => await FreshEpochAsync(sessionId, history, null, cancellationToken);

    /// <summary>
    /// Asks for what a fresh epoch's name is made of, for those who can ask before they know whether they need it.
    /// <c>null</c>: the store did not say.
    /// </summary>
    public async Task<ScriptReply?> TryAskAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(sessionId, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            return null;
        }
    }

    /// <param name="sessionId">The session.</param>
    /// <param name="history">As above.</param>
    /// <param name="asked">What was asked for before; <c>null</c>: nothing was.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async Task<Epoch> FreshEpochAsync(
        SessionId sessionId, string history, Task<ScriptReply?>? asked, CancellationToken cancellationToken)
    {
        var period = timeProvider.GetUtcNow().Ticks / retention.Ticks;
        if (((asked is null ? null : await asked) ?? await FindAsync(sessionId, cancellationToken)) is not { } found)
        {
            // The session's own slot is enough to begin it. The name is this process's own and never used again;
            // who follows the session goes on in it, since nothing of it was read in another.
            var standIn = _standIn ??= Guid.NewGuid().ToString("n");
            return Name(string.Create(CultureInfo.InvariantCulture, $"{sessionId} {standIn} {period} {history}"));
        }

        _standIn = null;
        if (!found.Has("id"))
        {
            await PutIfAbsentAsync("format", Format, cancellationToken);

            // Who comes first names it; whatever stands there afterwards is the name.
            await PutIfAbsentAsync("id", Guid.NewGuid().ToString("n"), cancellationToken);
            found = await AskAsync(sessionId, cancellationToken);
        }

        var erased = found.Text(Bucket(sessionId));
        return Name(string.Create(CultureInfo.InvariantCulture, $"{sessionId} {found.Text("id")} {erased} {period} {history}"));
    }

    /// <summary>What names are made of; <c>null</c>: the node of a cluster that has it is away.</summary>
    private async Task<ScriptReply?> FindAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var asking = AskAsync(sessionId, cancellationToken);
        if (link.SlotOf(keys.Store) < 0)
        {
            return await asking;
        }

        try
        {
            return await asking.WaitAsync(Patience, TimeProvider.System, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or StoreUnavailableException)
        {
            _ = asking.ContinueWith(static late => late.Exception, TaskScheduler.Default);
            return null;
        }
    }

    private static Epoch Name(string text)
        => Epoch.Parse(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6)));

    /// <summary>From now on the session's fresh epoch has another name.</summary>
    public async Task RenewAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        try
        {
            await link.AskAsync(
                keys.Store,
                database => database.HashIncrementAsync(keys.Store, Bucket(sessionId), 1, CommandFlags.DemandMaster),
                cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // A full memory refuses what adds, and erasing has to work then all the same:
            // without an id all fresh epochs get new names, which costs nobody an entry.
            await link.AskAsync(
                keys.Store,
                database => database.HashDeleteAsync(keys.Store, "id", CommandFlags.DemandMaster), cancellationToken);
        }
    }

    private Task<ScriptReply> AskAsync(SessionId sessionId, CancellationToken cancellationToken)
        => link.GetFieldsAsync(keys.Store, ["id", Bucket(sessionId)], cancellationToken);

    private Task<bool> PutIfAbsentAsync(string field, string value, CancellationToken cancellationToken)
        => link.AskAsync(
            keys.Store,
            database => database.HashSetAsync(keys.Store, field, value, When.NotExists, CommandFlags.DemandMaster),
            cancellationToken);

    private static string Bucket(SessionId sessionId)
        => $"erased:{BitConverter.ToUInt16(SHA256.HashData(Encoding.ASCII.GetBytes(sessionId.Value))) % Buckets}";
}
