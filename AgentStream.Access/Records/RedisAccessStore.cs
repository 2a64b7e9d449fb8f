using System.Text.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentStream.Access.Records;

/// <summary>In Redis, for all servers.</summary>
/// <remarks>
/// <c>access:keys</c>, hash, id → JSON of the key; <c>access:ended</c>, hash, subject → JSON; <c>access:version</c>, a counter that is
/// raised after each change; <c>access:used:…</c>, a used ticket, until it would have expired.
/// </remarks>
internal sealed class RedisAccessStore(IConnectionMultiplexer redis, IOptions<RedisOptions> options, TimeProvider time) : IAccessStore
{
    private readonly string _prefix = options.Value.KeyPrefix + "access:";

    private IDatabase Database => redis.GetDatabase();

    private RedisKey Keys => _prefix + "keys";

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
            [.. ended.Select(entry => Read(entry.Value, AccessJson.Default.EndedCredentials))]);
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
