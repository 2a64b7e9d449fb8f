using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Connection.Routes;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Messaging.Redis.Trouble;
using AgentStream.Messaging.Settings;
using AgentStream.Messaging.Telemetry;
using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds what flows between API and workers.</summary>
public static class MessagingExtensions
{
    private const string EmbeddedSystem = "agentstream";

    /// <summary>
    /// Adds <see cref="ISessionLog"/>, <see cref="IRunQueue"/>, <see cref="IAttachments"/>, <see cref="IErasures"/> and
    /// <see cref="IAgentCatalog"/>:
    /// in Redis where <c>ConnectionStrings:redis</c> names a server, otherwise in this process, kept under <c>AgentStream:DataDirectory</c>
    /// (default <c>data</c> in the content root).
    /// With their settings (<see cref="MessagingOptions"/>, <see cref="RedisOptions"/>,
    /// <see cref="EmbeddedOptions"/>) checked at start, and a health check. Adding it twice adds it once.
    /// </summary>
    /// <remarks>
    /// The store opens before other hosted services start: they may use it from their own start on.
    /// A directory that is in use stops the start with <see cref="DataDirectoryInUseException"/>,
    /// a Redis that does not answer in time with <see cref="StoreUnavailableException"/>.
    /// </remarks>
    public static IHostApplicationBuilder AddAgentStreamMessaging(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(ISessionLog)))
        {
            return builder;
        }

        services.TryAddSingleton(TimeProvider.System);
        AddCipher(builder);
        services.AddOptions<MessagingOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, MessagingOptions.Section))
            .ValidateOnStart();
        if (string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(RedisOptions.ConnectionName)))
        {
            AddEmbedded(builder);
        }
        else
        {
            AddRedis(builder);
        }

        return builder;
    }

    /// <summary>Adds the connection to Redis and its settings, for whatever a service keeps there. Adding it twice adds it once.</summary>
    public static IHostApplicationBuilder AddAgentStreamRedis(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(IConnectionMultiplexer)))
        {
            return builder;
        }

        builder.Services.AddOptions<RedisOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, RedisOptions.Section))
            .Validate(
                options => !options.KeyPrefix.AsSpan().ContainsAny('{', '}'),
                $"{RedisOptions.Section}:{nameof(RedisOptions.KeyPrefix)} has a brace; it takes text without braces.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        var routes = new SentinelRoutes();
        ConfigurationOptions? client = null;
        builder.AddRedisClient(
            RedisOptions.ConnectionName, DisableWhatIsOurs, options => ConfigureClient(client = options, routes, builder.Configuration));
        builder.Services.AddSingleton(provider => new RedisDiagnosis(provider.GetRequiredService<IConnectionMultiplexer>(), client!));

        // By a factory, so that it goes with the host.
        builder.Services.AddSingleton(_ => routes);
        builder.Services.AddHostedService<SentinelWatch>();
        AddWatch(builder.Services);
        return builder;
    }

    // Whoever uses Redis, libraries included, would write the same trace with each call: what is wrong is said once.
    private static void AddWatch(IServiceCollection services)
    {
        services.AddSingleton<RedisReports>();
        services.AddSingleton<RedisWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisWatch>());
        var made = services.LastOrDefault(service => service.ServiceType == typeof(Logging.ILoggerFactory));
        services.Replace(ServiceDescriptor.Singleton<Logging.ILoggerFactory>(provider => new QuietLoggerFactory(
            (Logging.ILoggerFactory?)(made?.ImplementationInstance ?? made?.ImplementationFactory?.Invoke(provider))
                ?? new Logging.LoggerFactory(
                    provider.GetServices<Logging.ILoggerProvider>(),
                    provider.GetRequiredService<IOptionsMonitor<Logging.LoggerFilterOptions>>(),
                    provider.GetService<IOptions<Logging.LoggerFactoryOptions>>(),
                    provider.GetService<Logging.IExternalScopeProvider>()),
            provider.GetRequiredService<RedisReports>())));
    }

    private static void AddCipher(IHostApplicationBuilder builder)
    {
        var contentRoot = builder.Environment.ContentRootPath;
        builder.Services.AddOptions<EncryptionOptions>()
            .Configure<IConfiguration>((options, configuration) => CheckedSettings.Bind(options, configuration, EncryptionOptions.Section))
            .ValidateOnStart();
        builder.Services.TryAddSingleton(
            provider => ContentKeys.Bring(provider.GetRequiredService<IOptions<EncryptionOptions>>().Value, contentRoot));
    }

    private static void AddEmbedded(IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        var contentRoot = builder.Environment.ContentRootPath;
        services.AddOptions<EmbeddedOptions>()
            .Configure<IConfiguration>((options, configuration) => Bind(options, configuration, contentRoot))
            .ValidateOnStart();

        services.AddSingleton(provider => new EmbeddedSessionStore(
            provider.GetRequiredService<IOptions<MessagingOptions>>(),
            provider.GetRequiredService<IOptions<EmbeddedOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Logging.ILoggerFactory>(),
            cipher: provider.GetRequiredService<ContentCipher>()));
        AddHome<EmbeddedSessionStore>(
            services,
            provider => new StoreSystem(EmbeddedSystem, provider.GetRequiredService<IOptions<EmbeddedOptions>>().Value.DataDirectory));
        services.AddSingleton<IErasures>(provider => provider.GetRequiredService<EmbeddedSessionStore>());
        services.AddSingleton<IAttachments>(provider => provider.GetRequiredService<EmbeddedSessionStore>().Attachments);
        services.TryAddSingleton<IAgentCatalog, LocalAgentCatalog>();
        services.AddHostedService<EmbeddedStoreService>();
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store");
    }

    private static void AddRedis(IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddAgentStreamRedis();
        services.AddSingleton<IValidateOptions<RedisOptions>, LeaseCheck>();
        services.AddSingleton(provider => new RedisSessionStore(
            provider.GetRequiredService<IConnectionMultiplexer>(),
            provider.GetRequiredService<IOptions<MessagingOptions>>(),
            provider.GetRequiredService<IOptions<RedisOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Logging.ILoggerFactory>(),
            provider.GetRequiredService<ContentCipher>(),
            provider.GetRequiredService<RedisWatch>()));
        AddHome<RedisSessionStore>(services, provider => RedisAddress.SystemOf(provider.GetRequiredService<IConnectionMultiplexer>()));
        services.AddSingleton<IErasures>(provider => provider.GetRequiredService<RedisSessionStore>().Erased);
        services.AddSingleton<IAttachments>(provider => provider.GetRequiredService<RedisSessionStore>().Attachments);
        services.AddSingleton<RedisAgentCatalog>();
        services.TryAddSingleton<IAgentCatalog>(provider => provider.GetRequiredService<RedisAgentCatalog>());
        services.AddHostedService<RedisStoreService>();
        services.AddHostedService<AgentPublisher>();
        services.AddHealthChecks().AddCheck<RedisStoreHealthCheck>("store");
    }

    // The health check here covers what the client's own does, and that the subscription delivers;
    // a span for each command, idle ones included, would bury those of the runs.
    private static void DisableWhatIsOurs(StackExchangeRedisSettings settings)
    {
        settings.DisableHealthChecks = true;
        settings.DisableTracing = true;
    }

    // The client's own threads cost a call three times the time and four times the processor that the process's pool does.
    private static void ConfigureClient(ConfigurationOptions options, SentinelRoutes routes, IConfiguration configuration)
    {
        options.AbortOnConnectFail = false;
        options.SocketManager = SocketManager.ThreadPool;

        // Its own policy waits longer with each try; the tunnel uses all of this time to look for the server.
        options.ReconnectRetryPolicy = new LinearRetry(options.ConnectTimeout);
        var settings = configuration.GetSection(RedisOptions.Section);
        routes.Lead(options, settings[nameof(RedisOptions.SentinelUser)], settings[nameof(RedisOptions.SentinelPassword)]);
    }

    private static void AddHome<TStore>(IServiceCollection services, Func<IServiceProvider, StoreSystem> system)
        where TStore : class, ISessionLog, IRunQueue, IQueueBacklog
    {
        services.AddSingleton(system);
        services.AddSingleton<ISessionLog>(provider => new MeasuredSessionLog(
            provider.GetRequiredService<TStore>(), provider.GetRequiredService<StoreSystem>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRunQueue>(provider => new TracedRunQueue(
            provider.GetRequiredService<TStore>(), provider.GetRequiredService<StoreSystem>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IQueueBacklog>(provider => provider.GetRequiredService<TStore>());
        services.AddHostedService<BacklogMeter>();
    }

    private static void Bind(EmbeddedOptions options, IConfiguration configuration, string contentRoot)
    {
        CheckedSettings.Bind(options, configuration, EmbeddedOptions.Section);
        var directory = configuration[EmbeddedOptions.DataDirectorySetting] ?? options.DataDirectory;
        if (string.IsNullOrWhiteSpace(directory))
        {
            throw new OptionsValidationException(
                nameof(EmbeddedOptions), typeof(EmbeddedOptions),
                [$"{EmbeddedOptions.DataDirectorySetting} is empty; it takes the path of a directory."]);
        }

        options.DataDirectory = Path.GetFullPath(directory, contentRoot);
    }
}
