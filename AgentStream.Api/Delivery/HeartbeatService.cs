using AgentStream.Api.Telemetry;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Delivery;

/// <summary>
/// One clock for all connections: tells each from time to time that all is well, and gives up those whose write is stuck.
/// No connection owns a timer of ours.
/// </summary>
internal sealed partial class HeartbeatService(
    ConnectionRegistry connections,
    ISessionLog log,
    IOptions<ApiOptions> options,
    TimeProvider time,
    ILogger<HeartbeatService> logger) : BackgroundService
{
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);

    // Made here and not in the loop, which may begin to run only after the first clients have come.
    private readonly PeriodicTimer _timer = new(Shortest(LongestTick, options.Value.HeartbeatInterval, options.Value.SendTimeout), time);

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
                GiveUpStuck();
                await BeatAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private static TimeSpan Shortest(params ReadOnlySpan<TimeSpan> times)
    {
        var shortest = TimeSpan.MaxValue;
        foreach (var candidate in times)
        {
            shortest = candidate < shortest ? candidate : shortest;
        }

        return shortest;
    }

    private void GiveUpStuck()
    {
        foreach (var connection in connections.All)
        {
            if (connection.WritingFor > options.Value.SendTimeout)
            {
                LogStuck(connection.SessionId, options.Value.SendTimeout);
                ApiTelemetry.SlowClients.Add(1);
                connection.Abort();
            }
        }
    }

    private async ValueTask BeatAsync(CancellationToken cancellationToken)
    {
        // However many watch a session, the store is asked about it once.
        var heads = new Dictionary<SessionId, SessionHead?>();
        var isStoreAway = false;
        foreach (var connection in connections.All)
        {
            if (connection.SinceHeartbeat < options.Value.HeartbeatInterval)
            {
                continue;
            }

            if (!heads.TryGetValue(connection.SessionId, out var head) && !isStoreAway)
            {
                head = await HeadAsync(connection.SessionId, cancellationToken);
                isStoreAway = head is null;
                heads[connection.SessionId] = head;
            }

            // With the store away, the connection itself is still well, and the client has heard of the rest.
            var (epoch, lastSeq) = head is null
                ? (connection.Position.Epoch ?? default, connection.Position.After)
                : (head.Epoch, head.LastSeq);
            connection.BeginHeartbeat(new Heartbeat { Epoch = epoch, LastSeq = lastSeq, Timestamp = time.GetUtcNow() });
        }
    }

    private async ValueTask<SessionHead?> HeadAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        try
        {
            return await log.GetHeadAsync(sessionId, cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            LogStoreUnavailable(exception);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client of session {SessionId} took nothing for {Timeout}; its connection is cut")]
    private partial void LogStuck(SessionId sessionId, TimeSpan timeout);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store can't be reached for the heartbeats")]
    private partial void LogStoreUnavailable(Exception exception);
}
