using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>Tells the other processes which agents the worker of this one has, if it has one.</summary>
internal sealed partial class AgentPublisher(
    RedisAgentCatalog catalog, TimeProvider time, ILogger<AgentPublisher> logger, LocalAgents? local = null) : BackgroundService
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
        try
        {
            while (true)
            {
                // Taken before they are published: what changes meanwhile is published once more.
                var changed = local!.Changed;
                await PublishAsync(local, stoppingToken);
                await WaitAsync(changed, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task WaitAsync(Task changed, CancellationToken stoppingToken)
    {
        try
        {
            await changed.WaitAsync(RedisAgentCatalog.Lifetime / 3, time, stoppingToken);
        }
        catch (TimeoutException)
        {
            // Time to say the same again.
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
