using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds what flows between API and workers.</summary>
public static class MessagingExtensions
{
    /// <summary>
    /// Adds <see cref="ISessionLog"/> and <see cref="IRunQueue"/>, kept under <c>AgentStream:DataDirectory</c> (default <c>data</c> in the content root), with
    /// their settings (<see cref="MessagingOptions"/>, <see cref="EmbeddedOptions"/>) checked at start, and a health check. Adding it twice adds it once.
    /// </summary>
    /// <remarks>The store opens before other hosted services start: they may use it from their own start on. A directory that is in use stops the start with <see cref="DataDirectoryInUseException"/>.</remarks>
    public static IHostApplicationBuilder AddAgentStreamMessaging(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(EmbeddedSessionStore)))
        {
            return builder;
        }

        var contentRoot = builder.Environment.ContentRootPath;
        services.AddOptions<MessagingOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, MessagingOptions.Section))
            .ValidateOnStart();
        services.AddOptions<EmbeddedOptions>()
            .Configure<IConfiguration>((options, configuration) => Bind(options, configuration, contentRoot))
            .ValidateOnStart();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new EmbeddedSessionStore(
            provider.GetRequiredService<IOptions<MessagingOptions>>(),
            provider.GetRequiredService<IOptions<EmbeddedOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Logging.ILoggerFactory>()));
        services.AddSingleton<ISessionLog>(provider => provider.GetRequiredService<EmbeddedSessionStore>());
        services.AddSingleton<IRunQueue>(provider => provider.GetRequiredService<EmbeddedSessionStore>());
        services.AddHostedService<EmbeddedStoreService>();
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store");
        return builder;
    }

    private static void Bind(EmbeddedOptions options, IConfiguration configuration, string contentRoot)
    {
        CheckedSettings.Bind(options, configuration, EmbeddedOptions.Section);
        var directory = configuration[EmbeddedOptions.DataDirectorySetting] ?? options.DataDirectory;
        if (string.IsNullOrWhiteSpace(directory))
        {
            throw new OptionsValidationException(
                nameof(EmbeddedOptions), typeof(EmbeddedOptions), [$"{EmbeddedOptions.DataDirectorySetting} is empty; it takes the path of a directory."]);
        }

        options.DataDirectory = Path.GetFullPath(directory, contentRoot);
    }
}
