using AgentStream.Messaging.Embedded;
using AgentStream.Worker.Models;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace AgentStream.Standalone;

/// <summary>Says, once everything runs, where it is to be found.</summary>
internal sealed partial class Announcement(
    IServer server,
    IHostApplicationLifetime lifetime,
    ModelCatalog models,
    IOptions<EmbeddedOptions> embedded,
    IHostEnvironment environment,
    ILogger<Announcement> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Announce);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Announce()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.ToList() ?? [];
        LogWhere(addresses.LastOrDefault() ?? "(nowhere)", addresses.FirstOrDefault() ?? "(nowhere)");
        LogModel(models.Resolve(null).DisplayName);
        LogData(Path.GetFullPath(embedded.Value.DataDirectory, environment.ContentRootPath));
    }

    [LoggerMessage(LogLevel.Information, "AgentStream runs. Open {Web} in a browser; clients connect to {Api}")]
    private partial void LogWhere(string web, string api);

    [LoggerMessage(LogLevel.Information, "The model is {Model}")]
    private partial void LogModel(string model);

    [LoggerMessage(LogLevel.Information, "Sessions are kept in {Directory}")]
    private partial void LogData(string directory);
}
