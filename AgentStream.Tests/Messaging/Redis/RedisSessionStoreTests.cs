using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Messaging.Redis;

[Collection(RedisCollection.Name)]
public sealed class RedisSessionStoreTests(RedisServerFixture redis) : SessionStoreContract
{
    /// <summary>Each step of a history is some round trips.</summary>
    protected override int Histories => 60;

    protected override async Task<StoreHome> OpenAsync(MessagingOptions options) => await RedisHome.OpenAsync(redis, options);
}
