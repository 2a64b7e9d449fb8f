using AgentStream.Tests.Support.Processes;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>One server and one connection for all tests that do it no harm; each test has a prefix of its own.</summary>
public sealed class RedisServerFixture : IAsyncLifetime
{
    private RedisServer? _server;
    private ConnectionMultiplexer? _connection;
    private int _prefixes;

    internal RedisServer Server => _server ?? throw new InvalidOperationException(RedisServer.SkipReason);

    internal IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException(RedisServer.SkipReason);

    public async Task InitializeAsync()
    {
        if (RedisServer.SkipReason is null)
        {
            _server = await RedisServer.StartAsync();
            _connection = await RedisClients.ConnectAsync(_server.ConnectionString);
        }
    }

    public async Task DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.CloseAsync(allowCommandsToComplete: false);
            _connection.Dispose();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    internal string NewPrefix() => $"t{Interlocked.Increment(ref _prefixes)}:";
}

[CollectionDefinition(Name)]
public sealed class RedisCollection : ICollectionFixture<RedisServerFixture>
{
    public const string Name = "redis";
}
