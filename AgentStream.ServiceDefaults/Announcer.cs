using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.ServiceDefaults;

/// <summary>Waits for the start and says it.</summary>
internal sealed partial class Announcer(
    IServiceProvider services, Func<IServiceProvider, IReadOnlyList<string>, Announcement> describe, ILogger logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(Announce);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Announce()
    {
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var said = describe(services, addresses.Count > 0 ? [.. addresses] : ["(nowhere)"]);
        LogWhere(said.Where);
        LogModel(said.Model);
        LogStore(said.Store);
    }

    [LoggerMessage(LogLevel.Information, "{Where}")]
    private partial void LogWhere(string where);

    [LoggerMessage(LogLevel.Information, "{Model}")]
    private partial void LogModel(string model);

    [LoggerMessage(LogLevel.Information, "{Store}")]
    private partial void LogStore(string store);
}
