using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Telemetry;

/// <summary>Says from time to time what waits for a worker, where a worker lives and somebody collects metrics.</summary>
internal sealed partial class BacklogMeter(IQueueBacklog queue, TimeProvider time, ILogger<BacklogMeter> logger, LocalAgents? worker = null)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        MessagingTelemetry.BeginCounters();
        if (worker is null || !MessagingTelemetry.QueueDepth.Enabled)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await MeasureAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        try
        {
            var backlog = await queue.GetBacklogAsync(cancellationToken);
            MessagingTelemetry.QueueDepth.Record(backlog.Sessions);
            MessagingTelemetry.ApprovalsWaiting.Record(backlog.Parked);
            MessagingTelemetry.QueueAge.Record(Math.Max(0, backlog.Oldest.TotalSeconds));
        }
        catch (StoreUnavailableException exception)
        {
            LogNotMeasured(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The backlog could not be measured; it is in a moment.")]
    private partial void LogNotMeasured(Exception exception);
}
