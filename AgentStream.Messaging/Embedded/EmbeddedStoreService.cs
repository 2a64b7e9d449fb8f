using AgentStream.Messaging.Embedded.Scheduling;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Messaging.Embedded;

/// <summary>
/// Opens the store before any other service starts, closes it after all have stopped, and stops the application if one of its loops dies.
/// </summary>
internal sealed class EmbeddedStoreService(EmbeddedSessionStore store, TimeProvider timeProvider)
    : BackgroundService, IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        store.Open();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await store.DisposeAsync();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await await Task.WhenAny(
                new RetentionLoop(store, timeProvider).RunAsync(stoppingToken),
                new ExpiryLoop(store, timeProvider).RunAsync(stoppingToken),
                store.Completion.WaitAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }
}
