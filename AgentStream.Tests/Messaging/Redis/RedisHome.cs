using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Tests.Messaging.Contract;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>The store in Redis, under a prefix of its own and by a clock that stands still.</summary>
internal sealed class RedisHome : StoreHome
{
    private readonly IConnectionMultiplexer _connection;
    private readonly MessagingOptions _messaging;
    private readonly string _prefix;
    private readonly ContentCipher? _cipher;
    private RedisSessionStore _store;

    private RedisHome(
        IConnectionMultiplexer connection,
        string prefix,
        MessagingOptions messaging,
        FakeTimeProvider clock,
        RedisSessionStore store,
        ContentCipher? cipher)
    {
        (_connection, _prefix, _messaging, Clock, _store, _cipher) = (connection, prefix, messaging, clock, store, cipher);
    }

    public FakeTimeProvider Clock { get; }

    public override ISessionLog Log => _store;

    public override IRunQueue Queue => _store;

    public override IErasures Erasures => _store.Erased;

    public override IAttachments Attachments => _store.Attachments;

    public override DateTimeOffset Now => Clock.GetUtcNow();

    public static async Task<RedisHome> OpenAsync(
        IConnectionMultiplexer connection, string prefix, MessagingOptions messaging, ContentCipher? cipher = null)
    {
        var clock = new FakeTimeProvider();
        var store = await RedisClients.OpenAsync(connection, prefix, messaging, clock, cipher: cipher);
        return new RedisHome(connection, prefix, messaging, clock, store, cipher);
    }

    /// <summary>All processes end. In Redis leases outlive them; as the clock must not move, they are taken away.</summary>
    public override async Task RestartAsync()
    {
        await _store.DisposeAsync();
        var database = _connection.GetDatabase();
        foreach (var key in _connection.GetEndPoints().SelectMany(node => _connection.GetServer(node).Keys(pattern: _prefix + "{*}:meta")))
        {
            await database.HashSetAsync(key, "lease", 0);
            await database.SortedSetAddAsync(_prefix + "work", RedisKeys.SessionOf(key!)!.Value.Value, 0);
        }

        _store = await RedisClients.OpenAsync(_connection, _prefix, _messaging, Clock, cipher: _cipher);
    }

    public override Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        return Task.CompletedTask;
    }

    public override Task RetainAsync() => _store.RetainAsync();

    public override Task ExpireAsync() => _store.ExpireAsync();

    public override async ValueTask DisposeAsync() => await _store.DisposeAsync();
}
