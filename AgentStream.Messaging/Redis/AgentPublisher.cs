using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis;

/// <summary>Tells the other processes which agents the worker of this one has, if it has one.</summary>
internal sealed partial class AgentPublisher(RedisAgentCatalog catalog, TimeProvider time, ILogger<AgentPublisher> logger, LocalAgents? local = null) : BackgroundService
{
    private readonly string _worker = Guid.NewGuid().ToString("n")[..12];

    /// <summary>Publishes before the process counts as started: whoever waited for that finds its agents.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (local is not null)
        {
            await PublishAsync(local, cancellationToken);
            await base.StartAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RedisAgentCatalog.Lifetime / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PublishAsync(local!, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task PublishAsync(LocalAgents agents, CancellationToken cancellationToken)
    {
        try
        {
            await catalog.PublishAsync(_worker, agents.Agents, cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            // Runs don't depend on it: where nobody has said which agents there are, messages are taken all the same.
            LogNotPublished(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The agents of this worker could not be published; they are in a moment.")]
    private partial void LogNotPublished(Exception exception);
}
