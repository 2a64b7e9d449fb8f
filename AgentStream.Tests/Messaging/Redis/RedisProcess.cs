using AgentStream.Messaging;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>What one process has: a connection of its own, and a store on it.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private RedisProcess(ConnectionMultiplexer connection, RedisSessionStore store) => (Connection, Store) = (connection, store);

    public ConnectionMultiplexer Connection { get; }

    public RedisSessionStore Store { get; }

    public static Task<RedisProcess> StartAsync(
        RedisServer server,
        string prefix,
        MessagingOptions? messaging = null,
        TimeProvider? clock = null,
        CollectedLogs? logs = null,
        Action<RedisOptions>? configure = null,
        ContentCipher? cipher = null)
        => StartAsync(server.ConnectionString, prefix, messaging, clock, logs, configure, cipher);

    public static async Task<RedisProcess> StartAsync(
        string connectionString,
        string prefix,
        MessagingOptions? messaging = null,
        TimeProvider? clock = null,
        CollectedLogs? logs = null,
        Action<RedisOptions>? configure = null,
        ContentCipher? cipher = null)
    {
        var connection = await RedisClients.ConnectAsync(connectionString);
        var store = await RedisClients.OpenAsync(connection, prefix, messaging, clock, logs, configure, cipher);
        var process = new RedisProcess(connection, store);
        process._running = store.RunAsync(process._stop.Token);
        return process;
    }

    /// <summary>Follows the session from a cursor on.</summary>
    public SessionFollower Follow(Cursor cursor) => new(Store.FollowAsync(Make.Session, cursor));

    /// <summary>It hears nothing any more, while all of its connections stay.</summary>
    public Task GoDeafAsync() => Connection.GetSubscriber().UnsubscribeAllAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Store.DisposeAsync();
        await Connection.CloseAsync(allowCommandsToComplete: false);
        Connection.Dispose();
        _stop.Dispose();
    }
}

/// <summary>A reader that collects offsets until it has what a test waits for.</summary>
internal sealed class SessionFollower : IAsyncDisposable
{
    private readonly IAsyncEnumerator<LogBatch> _batches;
    private Task<bool>? _next;

    public SessionFollower(IAsyncEnumerable<LogBatch> batches) => _batches = batches.GetAsyncEnumerator();

    public List<long> Seen { get; } = [];

    /// <summary>Begins to read, so that it is there before what comes.</summary>
    public void Begin() => _next ??= _batches.MoveNextAsync().AsTask();

    public async Task ReadThroughAsync(long offset)
    {
        while (Seen.Count == 0 || Seen[^1] < offset)
        {
            var batch = await NextAsync();
            Assert.Null(batch.Resync);
            Seen.AddRange(batch.Entries.Select(entry => entry.Offset.Value));
        }
    }

    public async Task<LogBatch> ReadResyncAsync()
    {
        while (true)
        {
            var batch = await NextAsync();
            if (batch.Resync is not null)
            {
                return batch;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_next is null or { IsCompleted: true })
        {
            await _batches.DisposeAsync();
        }
    }

    private async Task<LogBatch> NextAsync()
    {
        Begin();
        Assert.True(await _next!.WaitAsync(TestTimeouts.Default));
        _next = null;
        return _batches.Current;
    }
}
