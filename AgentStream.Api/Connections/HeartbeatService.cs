using AgentStream.Api.Delivery;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Connections;

/// <summary>
/// One clock for all connections: tells each from time to time that all is well, and gives up those
/// whose write is stuck, whose message is never whole, or that do not come to their end. No connection owns a timer of ours.
/// What they no longer need is let go of by the same clock.
/// </summary>
internal sealed partial class HeartbeatService : BackgroundService
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    private readonly ConnectionRegistry _connections;
    private readonly SessionBroadcasts _sessions;
    private readonly ApiOptions _options;
    private readonly ILogger<HeartbeatService> _logger;
    private readonly MemoryRelief _relief = new();

    // Made here and not in the loop, which may begin to run only after the first clients have come.
    private readonly PeriodicTimer _timer;

    public HeartbeatService(
        ConnectionRegistry connections,
        SessionBroadcasts sessions,
        IOptions<ApiOptions> options,
        TimeProvider time,
        ILogger<HeartbeatService> logger)
    {
        (_connections, _sessions, _options, _logger) = (connections, sessions, options.Value, logger);
        TimeSpan[] ticks = [LongestTick, _options.HeartbeatInterval, _options.SendTimeout, _options.FarewellTimeout / 4];
        _timer = new PeriodicTimer(ticks.Min(), time);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _sessions.StopAsync();
    }

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ApiTelemetry.BeginCounters();
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken))
            {
                var count = 0;
                foreach (var connection in _connections.All)
                {
                    Look(connection);
                    count++;
                }

                _sessions.LetGo();
                _relief.Look(count);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Look(ClientConnection connection)
    {
        if (connection.EndingFor > _options.FarewellTimeout)
        {
            connection.Abort();
        }
        else if (connection.WritingFor > _options.SendTimeout)
        {
            LogStuck(connection.SessionId, _options.SendTimeout);
            ApiTelemetry.SlowClients.Add(1);
            connection.Abort();
        }
        else if (connection.ReceivingFor > _options.IdleTimeout)
        {
            connection.Abort();
        }
        else if (connection.SinceHeartbeat >= _options.HeartbeatInterval)
        {
            connection.BeginHeartbeat();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client of session {SessionId} took nothing for {Timeout}; its connection is cut")]
    private partial void LogStuck(SessionId sessionId, TimeSpan timeout);
}
