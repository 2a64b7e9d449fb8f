using System.Text.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentStream.Access.Records;

/// <summary>In Redis, for all servers.</summary>
/// <remarks>
/// <c>access:keys</c>, hash, id → JSON of the key; <c>access:links</c>, hash, id → JSON of the link;
/// <c>access:ended</c>, hash, subject → JSON; <c>access:version</c>, a counter that is raised after each change;
/// <c>access:used:…</c>, a used ticket, until it would have expired; <c>access:kept:…</c>, what belongs to a sign-in, until that ends.
/// </remarks>
internal sealed class RedisAccessStore(IConnectionMultiplexer redis, IOptions<RedisOptions> options, TimeProvider time) : IAccessStore
{
    private readonly string _prefix = options.Value.KeyPrefix + "access:";

    private IDatabase Database => redis.GetDatabase();

    private RedisKey Keys => _prefix + "keys";

    private RedisKey Links => _prefix + "links";

    private RedisKey Ended => _prefix + "ended";

    private RedisKey Version => _prefix + "version";

    public async Task<string> VersionAsync(CancellationToken cancellationToken)
        => (await AskAsync(Database.StringGetAsync(Version), cancellationToken)).ToString();

    public async Task<AccessContent> LoadAsync(CancellationToken cancellationToken)
    {
        var keys = await AskAsync(Database.HashGetAllAsync(Keys), cancellationToken);
        var ended = await AskAsync(Database.HashGetAllAsync(Ended), cancellationToken);
        return new AccessContent(
            [.. keys.Select(entry => Read(entry.Value, AccessJson.Default.ApiKey))],
            [.. ended.Select(entry => Read(entry.Value, AccessJson.Default.EndedCredentials))],
            await LoadLinksAsync(cancellationToken));
    }

    public async Task AddAsync(ApiKey key, CancellationToken cancellationToken)
    {
        await AskAsync(Database.HashSetAsync(Keys, key.Id, JsonSerializer.Serialize(key, AccessJson.Default.ApiKey)), cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public async Task RemoveAsync(ApiKey key, CancellationToken cancellationToken)
    {
        await AskAsync(Database.HashDeleteAsync(Keys, key.Id), cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public async Task AddAsync(ShareLink link, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var over in (await LoadLinksAsync(cancellationToken)).Where(other => other.IsOver(now)))
        {
            await AskAsync(Database.HashDeleteAsync(Links, over.Id), cancellationToken);
        }

        var json = JsonSerializer.Serialize(link, AccessJson.Default.ShareLink);
        await AskAsync(Database.HashSetAsync(Links, link.Id, json), cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public async Task RemoveAsync(ShareLink link, CancellationToken cancellationToken)
    {
        await AskAsync(Database.HashDeleteAsync(Links, link.Id), cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public async Task AddAsync(EndedCredentials ended, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var entry in await AskAsync(Database.HashGetAllAsync(Ended), cancellationToken))
        {
            if (Read(entry.Value, AccessJson.Default.EndedCredentials).Until <= now)
            {
                await AskAsync(Database.HashDeleteAsync(Ended, entry.Name), cancellationToken);
            }
        }

        var json = JsonSerializer.Serialize(ended, AccessJson.Default.EndedCredentials);
        await AskAsync(Database.HashSetAsync(Ended, ended.Subject, json), cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public Task<bool> TryTakeAsync(string nonce, TimeSpan lifetime, CancellationToken cancellationToken)
        => AskAsync(Database.StringSetAsync(_prefix + "used:" + nonce, "1", lifetime, When.NotExists), cancellationToken);

    public Task GiveBackAsync(string nonce, CancellationToken cancellationToken)
        => DeleteAsync(_prefix + "used:" + nonce, cancellationToken);

    public Task KeepAsync(string name, string text, TimeSpan lifetime, CancellationToken cancellationToken)
        => AskAsync(Database.ExecuteAsync("SET", Kept(name), text, "PX", (long)Math.Max(lifetime.TotalMilliseconds, 1)), cancellationToken);

    public async Task<string?> FindKeptAsync(string name, CancellationToken cancellationToken)
        => await AskAsync(Database.StringGetAsync(Kept(name)), cancellationToken);

    public Task ForgetAsync(string name, CancellationToken cancellationToken)
        => DeleteAsync(Kept(name), cancellationToken);

    // By name, as with SET above: the client's own calls send UNLINK and PSETEX, which the user that services had so far may not.
    private Task<RedisResult> DeleteAsync(RedisKey key, CancellationToken cancellationToken)
        => AskAsync(Database.ExecuteAsync("DEL", key), cancellationToken);

    private RedisKey Kept(string name) => $"{_prefix}kept:{name}";

    private async Task<IReadOnlyList<ShareLink>> LoadLinksAsync(CancellationToken cancellationToken)
        => [.. (await AskAsync(Database.HashGetAllAsync(Links), cancellationToken))
            .Select(entry => Read(entry.Value, AccessJson.Default.ShareLink))];

    private Task<long> RaiseAsync(CancellationToken cancellationToken)
        => AskAsync(Database.StringIncrementAsync(Version), cancellationToken);

    private static async Task<T> AskAsync<T>(Task<T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new StoreUnavailableException("Redis did not answer about keys and sign-ins.", exception);
        }
    }

    private static T Read<T>(RedisValue json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> typeInfo)
        => JsonSerializer.Deserialize(json.ToString(), typeInfo)!;
}
