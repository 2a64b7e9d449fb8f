using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection.Routes;

/// <summary>Looks whether the connections that Sentinels led somewhere are to a primary, and says when they lead elsewhere.</summary>
internal sealed partial class SentinelWatch(IConnectionMultiplexer multiplexer, SentinelRoutes routes, ILogger<SentinelWatch> logger)
    : IHostedLifecycleService
{
    private SentinelRoute? _route;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Watch();
        return Task.CompletedTask;
    }

    /// <summary>Looks at the connection from now on.</summary>
    public void Watch()
    {
        // Asking for the connection has made the route.
        _route = routes.Route;
        if (_route is not null)
        {
            _route.FailoverBegan = LogFailover;
            _route.Moved = LogMoved;
            multiplexer.ConnectionRestored += OnRestored;
            multiplexer.ErrorMessage += OnError;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        multiplexer.ConnectionRestored -= OnRestored;
        multiplexer.ErrorMessage -= OnError;
        return Task.CompletedTask;
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs args)
    {
        if (args is { ConnectionType: ConnectionType.Interactive, EndPoint: { } endpoint } && multiplexer.GetServer(endpoint).IsReplica)
        {
            LogReplica();
            _route?.Recheck();
        }
    }

    private void OnError(object? sender, RedisErrorEventArgs args)
    {
        if (args.Message.Contains("READONLY", StringComparison.Ordinal))
        {
            LogReplica();
            _route?.Recheck();
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "Sentinel gives {Service} another primary; nothing is written until it is there.")]
    private partial void LogFailover(string service);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis's primary is {Primary} now.")]
    private partial void LogMoved(string primary);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What Sentinel named as Redis's primary is a replica; it is asked again.")]
    private partial void LogReplica();
}
