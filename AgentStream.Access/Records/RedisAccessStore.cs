using System.Text.Json;
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
        => (await Database.StringGetAsync(Version).WaitAsync(cancellationToken)).ToString();

    public async Task<AccessContent> LoadAsync(CancellationToken cancellationToken)
    {
        var keys = Database.HashGetAllAsync(Keys);
        var ended = await Database.HashGetAllAsync(Ended).WaitAsync(cancellationToken);
        return new AccessContent(
            [.. (await keys.WaitAsync(cancellationToken)).Select(entry => Read(entry.Value, AccessJson.Default.ApiKey))],
            [.. ended.Select(entry => Read(entry.Value, AccessJson.Default.EndedCredentials))]);
    }

    public async Task AddAsync(ApiKey key, CancellationToken cancellationToken)
    {
        await Database.HashSetAsync(Keys, key.Id, JsonSerializer.Serialize(key, AccessJson.Default.ApiKey)).WaitAsync(cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public async Task RemoveAsync(ApiKey key, CancellationToken cancellationToken)
    {
        await Database.HashDeleteAsync(Keys, key.Id).WaitAsync(cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public async Task AddAsync(EndedCredentials ended, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var entry in await Database.HashGetAllAsync(Ended).WaitAsync(cancellationToken))
        {
            if (Read(entry.Value, AccessJson.Default.EndedCredentials).Until <= now)
            {
                await Database.HashDeleteAsync(Ended, entry.Name).WaitAsync(cancellationToken);
            }
        }

        var json = JsonSerializer.Serialize(ended, AccessJson.Default.EndedCredentials);
        await Database.HashSetAsync(Ended, ended.Subject, json).WaitAsync(cancellationToken);
        await RaiseAsync(cancellationToken);
    }

    public Task<bool> TryTakeAsync(string nonce, TimeSpan lifetime, CancellationToken cancellationToken)
        => Database.StringSetAsync(_prefix + "used:" + nonce, "1", lifetime, When.NotExists).WaitAsync(cancellationToken);

    private Task<long> RaiseAsync(CancellationToken cancellationToken)
        => Database.StringIncrementAsync(Version).WaitAsync(cancellationToken);

    private static T Read<T>(RedisValue json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> typeInfo)
        => JsonSerializer.Deserialize(json.ToString(), typeInfo)!;
}
