using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentStream.ServiceDefaults;

/// <summary>Has a service say, once it runs, what runs where with which model.</summary>
internal static class Announcements
{
    /// <summary>Logs the three sentences, at Information, when the service has started.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <param name="describe">Is given the services and the addresses on which this one listens, at least one.</param>
    public static TBuilder AddAnnouncement<TBuilder>(
        this TBuilder builder, Func<IServiceProvider, IReadOnlyList<string>, Announcement> describe)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHostedService(
            provider => new Announcer(provider, describe, provider.GetRequiredService<ILoggerFactory>().CreateLogger("AgentStream")));
        return builder;
    }
}
