using AgentStream.Messaging.Redis;
using AgentStream.Tests.Messaging.Redis;
using AgentStream.Tests.Support;
using AgentStream.Worker.Tools.Mcp.SignIn;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.Tools.Mcp.SignIn;

/// <summary>In Redis, which all workers share.</summary>
[Collection(RedisCollection.Name)]
public sealed class RedisMcpTokenStoreTests(RedisServerFixture redis)
{
    [RedisFact]
    public async Task Store_OfTwoProcesses_IsOne()
    {
        var options = Options.Create(new RedisOptions { KeyPrefix = redis.NewPrefix() });

        await McpTokenStoreContract.HoldsAsync(
            new RedisMcpTokenStore(redis.Connection, options, TimeProvider.System),
            new RedisMcpTokenStore(redis.Connection, options, TimeProvider.System));
    }
}
