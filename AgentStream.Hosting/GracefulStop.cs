using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Hosting;

/// <summary>
/// Stops the services while Aspire's proxies and its dashboard still run: clients get the close code that the protocol promises,
/// and the last telemetry arrives. Left to itself, Aspire ends all of them at once, and its proxy cuts a socket without a close frame.
/// </summary>
/// <param name="model">What runs.</param>
/// <param name="commands">Stops it.</param>
internal sealed class GracefulStop(DistributedApplicationModel model, ResourceCommandService commands) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(model.Resources.Where(resource => resource.Annotations.OfType<Annotation>().Any())
            .Select(resource => commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken)));

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Marks what is stopped like that.</summary>
    internal sealed class Annotation : IResourceAnnotation;
}
