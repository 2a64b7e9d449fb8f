using Microsoft.Extensions.Hosting;

namespace AgentStream.Messaging.Redis;

/// <summary>
/// Opens the store before any other service starts, closes it after all have stopped, and stops the application if one of its loops dies.
/// </summary>
internal sealed class RedisStoreService(RedisSessionStore store) : BackgroundService, IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken) => await store.DisposeAsync();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => store.RunAsync(stoppingToken);
}
