using AgentStream.Tests.Support.Processes;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>One server and one connection for all tests that do it no harm; each test has a prefix of its own.</summary>
public sealed class RedisServerFixture : IAsyncLifetime
{
    private RedisServer? _server;
    private ConnectionMultiplexer? _connection;
    private ConnectionMultiplexer? _admin;
    private int _prefixes;

    internal RedisServer Server => _server ?? throw new InvalidOperationException(RedisServer.SkipReason);

    /// <summary>As services have it: with the user of docs/redis.md.</summary>
    internal IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException(RedisServer.SkipReason);

    /// <summary>For what tests do to the keys behind the store's back.</summary>
    internal IConnectionMultiplexer Admin => _admin ?? throw new InvalidOperationException(RedisServer.SkipReason);

    public async Task InitializeAsync()
    {
        if (RedisServer.SkipReason is null)
        {
            _server = await RedisServer.StartAsync();
            _connection = await RedisClients.ConnectAsync(_server.ConnectionString);
            _admin = await RedisClients.ConnectAsync(_server.AdminConnectionString);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var connection in new[] { _connection, _admin }.OfType<ConnectionMultiplexer>())
        {
            await connection.CloseAsync(allowCommandsToComplete: false);
            connection.Dispose();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    internal string NewPrefix() => $"agentstream:t{Interlocked.Increment(ref _prefixes)}:";
}

[CollectionDefinition(Name)]
public sealed class RedisCollection : ICollectionFixture<RedisServerFixture>
{
    public const string Name = "redis";
}
