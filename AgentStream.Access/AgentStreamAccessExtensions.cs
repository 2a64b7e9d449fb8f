using AgentStream.Access;
using AgentStream.Access.Listening;
using AgentStream.Access.Providers;
using AgentStream.Access.Records;
using AgentStream.Access.Schemes;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis;
using AgentStream.Messaging.Settings;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds who may come in.</summary>
internal static class AgentStreamAccessExtensions
{
    private const string ApplicationName = "AgentStream";
    private const string IsUsed = "AgentStream.Access.IsUsed";

    /// <summary>
    /// Adds the ways to be known that <c>AgentStream:Access</c> switches on, and the policies of the scopes.
    /// Where none is switched on everybody may do everything, and the service listens on loopback alone. Adding it twice adds it once.
    /// </summary>
    public static IHostApplicationBuilder AddAgentStreamAccess(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(AccessWays)))
        {
            return builder;
        }

        var ways = AccessWays.In(builder.Configuration);
        services.AddSingleton(ways);
        services.AddSingleton<ActiveSignIns>();
        services.TryAddSingleton(TimeProvider.System);
        AddSettings(services);
        services.AddAuthorization(AccessPolicies.Add);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAuthorizationHandler, ScopeHandler>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<SocketTransportOptions>, ListeningRule>());
        AddKeyRing(builder, alsoWithoutRedis: ways.Any);
        if (ways.Any)
        {
            AddWays(services);
        }
        else
        {
            services.AddSingleton<ICallerStanding, OpenStanding>();
        }

        return builder;
    }

    /// <summary>Adds the middleware that recognises callers and holds them to the policies. Using it twice uses it once.</summary>
    /// <exception cref="InvalidOperationException"><see cref="AddAgentStreamAccess"/> was not called.</exception>
    public static IApplicationBuilder UseAgentStreamAccess(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.Properties.TryAdd(IsUsed, true))
        {
            if (app.ApplicationServices.GetRequiredService<AccessWays>().Any)
            {
                app.UseAuthentication();
            }

            app.UseAuthorization();
        }

        return app;
    }

    /// <summary>
    /// Adds data protection by keys that all services of this installation share: in Redis where there is one, otherwise in the data
    /// directory. Adding them twice adds them once.
    /// </summary>
    public static IHostApplicationBuilder AddAgentStreamKeyRing(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddDataProtection().SetApplicationName(ApplicationName);
        AddKeyRing(builder, alsoWithoutRedis: true);
        return builder;
    }

    /// <summary>Adds where credentials are kept.</summary>
    internal static void AddAccessStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAccessStore>(provider => provider.GetService<IConnectionMultiplexer>() is { } redis
            ? new RedisAccessStore(
                redis, provider.GetRequiredService<IOptions<RedisOptions>>(), provider.GetRequiredService<TimeProvider>())
            : new FileAccessStore(
                provider.GetRequiredService<IOptions<EmbeddedOptions>>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddWays(IServiceCollection services)
    {
        services.AddOptions<Home>()
            .Configure<IServiceProvider>((home, provider) => home.IsShared =
                provider.GetService<IConnectionMultiplexer>() is not null || provider.GetService<ISessionLog>() is not null)
            .Validate(
                home => home.IsShared,
                $"{AccessOptions.Section} is set, and ConnectionStrings:{RedisOptions.ConnectionName} is not: pages and API need a Redis "
                    + "to share sign-ins in; set it (localhost:6379, for example), or run AgentStream.Standalone, which needs none.")
            .ValidateOnStart();
        services.AddAccessStore();
        services.AddSingleton<AccessRecords>();
        services.AddSingleton<ICallerStanding>(provider => provider.GetRequiredService<AccessRecords>());
        services.AddHostedService(provider => provider.GetRequiredService<AccessRecords>());
        services.AddSingleton<CallerFactory>();
        services.AddSingleton(provider => new ProviderGrants(
            provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<IAccessStore>(),
            provider.GetRequiredService<AccessRecords>(), provider.GetRequiredService<CallerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new SignIns(
            provider.GetRequiredService<AccessRecords>(), provider.GetRequiredService<ProviderGrants>()));
        services.AddSingleton(provider => new ProviderClient(
            provider.GetRequiredService<IOptions<OpenIdConnectAccessOptions>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ProviderRoles>();
        services.AddHostedService(provider => new ProviderWatch(
            provider.GetRequiredService<ActiveSignIns>(), provider.GetRequiredService<ProviderRoles>,
            provider.GetRequiredService<IAccessStore>(), provider.GetRequiredService<IOptions<OpenIdConnectAccessOptions>>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ProviderWatch>>()));
        services.AddSingleton(provider => new ShareLinks(
            provider.GetRequiredService<AccessRecords>(), provider.GetRequiredService<IAccessStore>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Tickets(
            provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<IAccessStore>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<TlsWarning>();
        services.AddSingleton<KnownScopes>();
        services.AddSingleton<IConfigureOptions<PolicySchemeOptions>, SchemeChoice>();
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, CookieSettings>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, JwtSettings>();
        services.AddDataProtection().SetApplicationName(ApplicationName);
        services.AddAuthentication(AccessSchemes.Default)
            .AddPolicyScheme(AccessSchemes.Default, null, _ => { })
            .AddCookie(AccessSchemes.Cookie)
            .AddJwtBearer(AccessSchemes.Jwt, _ => { })
            .AddScheme<AuthenticationSchemeOptions, KeyHandler>(AccessSchemes.Key, null)
            .AddScheme<AuthenticationSchemeOptions, LinkHandler>(AccessSchemes.Link, null)
            .AddScheme<AuthenticationSchemeOptions, HeaderHandler>(AccessSchemes.Header, null)
            .AddScheme<AuthenticationSchemeOptions, TicketHandler>(AccessSchemes.Ticket, null)
            .AddScheme<AuthenticationSchemeOptions, UnreadableHandler>(AccessSchemes.Unreadable, null);
    }

    // Cookies, forms and tickets of one server are to be read by all.
    // Where there is neither home, the keys are where ASP.NET Core has them.
    private static void AddKeyRing(IHostApplicationBuilder builder, bool alsoWithoutRedis)
    {
        var services = builder.Services;
        if (!string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(RedisOptions.ConnectionName)))
        {
            builder.AddAgentStreamRedis();
            services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>((keys, provider) => keys.XmlRepository =
                new RedisXmlRepository(
                    () => provider.GetRequiredService<IConnectionMultiplexer>().GetDatabase(),
                    provider.GetRequiredService<IOptions<RedisOptions>>().Value.KeyPrefix + "access:ring"));
        }
        else if (alsoWithoutRedis)
        {
            services.AddOptions<KeyManagementOptions>().Configure<IServiceProvider>((keys, provider) =>
            {
                if (provider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ISessionLog)))
                {
                    var directory = Path.Combine(provider.GetRequiredService<IOptions<EmbeddedOptions>>().Value.DataDirectory, "keys");
                    keys.XmlRepository = new FileSystemXmlRepository(Own(directory), provider.GetRequiredService<ILoggerFactory>());
                }
            });
        }
    }

    // For nobody's eyes but the service's own.
    private static DirectoryInfo Own(string directory)
        => OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(directory)
            : Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static void AddSettings(IServiceCollection services)
    {
        Add<AccessOptions>(
            (options, configuration) => CheckedSettings.Bind(options, configuration, AccessOptions.Section), AccessValidators.Failures);
        Add<OpenIdConnectAccessOptions>(
            (options, configuration) => SecretFiles.Bind(
                options, configuration, OpenIdConnectAccessOptions.Section, nameof(OpenIdConnectAccessOptions.ClientSecret),
                static (into, secret) => into.ClientSecret = secret),
            AccessValidators.Failures);
        Add<CodeAccessOptions>(
            (options, configuration) => SecretFiles.Bind(
                options, configuration, CodeAccessOptions.Section, nameof(CodeAccessOptions.Code),
                static (into, secret) => into.Code = secret),
            AccessValidators.Failures);
        Add<HeaderAccessOptions>(
            (options, configuration) => CheckedSettings.Bind(options, configuration, HeaderAccessOptions.Section),
            AccessValidators.Failures);
        Add<JwtAccessOptions>(
            (options, configuration) => SecretFiles.Bind(
                options, configuration, JwtAccessOptions.Section, nameof(JwtAccessOptions.Key), static (into, secret) => into.Key = secret),
            AccessValidators.Failures);
        Add<KeyAccessOptions>(
            (options, configuration) => CheckedSettings.Bind(options, configuration, KeyAccessOptions.Section), static _ => []);

        void Add<T>(Action<T, IConfiguration> bind, Func<T, IEnumerable<string>> failures)
            where T : class
        {
            services.AddOptions<T>().Configure(bind).ValidateOnStart();
            services.AddSingleton<IValidateOptions<T>>(new AccessValidator<T>(failures));
        }
    }

    /// <summary>Whether what servers have to agree on is kept where all look.</summary>
    private sealed class Home
    {
        public bool IsShared { get; set; }
    }
}
