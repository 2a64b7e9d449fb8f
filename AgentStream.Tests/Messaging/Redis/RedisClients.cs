using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis;
using AgentStream.Messaging.Redis.Connection.Routes;
using AgentStream.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>Connections and stores as a process has them.</summary>
internal static class RedisClients
{
    /// <summary>A connection made by the very extension that services use, on either feed.</summary>
    /// <param name="connectionString">As <c>ConnectionStrings:redis</c> has it.</param>
    public static Task<ConnectionMultiplexer> ConnectAsync(string connectionString) => Task.Run(() =>
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = connectionString;
        builder.AddAgentStreamRedis();

        // The container is not disposed of: the connection is the test's, which closes it.
        var services = builder.Services.BuildServiceProvider();
        var connection = (ConnectionMultiplexer)services.GetRequiredService<IConnectionMultiplexer>();
        foreach (var watch in services.GetServices<IHostedService>().OfType<SentinelWatch>())
        {
            watch.Watch();
        }

        return connection;
    });

    public static async Task<RedisSessionStore> OpenAsync(
        IConnectionMultiplexer connection,
        string prefix,
        MessagingOptions? messaging = null,
        TimeProvider? clock = null,
        CollectedLogs? logs = null,
        Action<RedisOptions>? configure = null,
        ContentCipher? cipher = null)
    {
        var options = new RedisOptions { KeyPrefix = prefix };
        configure?.Invoke(options);
        var store = new RedisSessionStore(
            connection,
            Microsoft.Extensions.Options.Options.Create(messaging ?? new MessagingOptions()),
            Microsoft.Extensions.Options.Options.Create(options),
            clock ?? TimeProvider.System,
            logs is null ? NullLoggerFactory.Instance : new LoggerFactory([logs]),
            cipher);
        await store.OpenAsync();
        return store;
    }
}
