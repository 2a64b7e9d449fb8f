using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Connections;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Http.Endpoints;
using AgentStream.Api.Http.Export;
using AgentStream.Api.ServerSentEvents;
using AgentStream.Api.Telemetry;
using AgentStream.Api.Wires;
using AgentStream.Messaging.Settings;
using AgentStream.ServiceDefaults;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AgentStream.Api;

/// <summary>The two verbs that let clients in.</summary>
public static class AgentStreamApiExtensions
{
    private const string CorsPolicy = "AgentStream.Api";
    private static readonly OwnPaths Own = new(["/api", "/ws", "/openapi", .. WireExtensions.Paths]);

    /// <summary>
    /// Adds the WebSocket, the event stream and the REST routes.
    /// Needs a session log and a run queue (<c>builder.AddAgentStreamMessaging()</c>).
    /// Settings come from <c>AgentStream:Api</c> (<see cref="ApiOptions"/>); a wrong one stops the host at start.
    /// </summary>
    /// <param name="builder">A web application that is being built.</param>
    public static IHostApplicationBuilder AddAgentStreamApi(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.AddAgentStreamAccess();
        var services = builder.Services;
        services.AddOptions<ApiOptions>().Configure<IConfiguration>(Bind).PostConfigure(SetDefaults).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SessionAccess>();
        services.TryAddSingleton<CallerPolicy>();
        services.TryAddSingleton<CallerLimits>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessResults>();
        services.TryAddSingleton<KnownAgents>();
        services.TryAddSingleton<SessionCommands>();
        services.TryAddSingleton<OwnRuns>();
        services.TryAddSingleton<FirstDeliveries>();
        services.TryAddSingleton<SessionBroadcasts>();
        services.TryAddSingleton<ConnectionRegistry>();
        services.TryAddSingleton<ConnectionPlaces>();
        services.TryAddSingleton<ChatSocketEndpoint>();
        services.TryAddSingleton<EventStreamEndpoint>();
        services.TryAddSingleton<RunWaiter>();
        services.TryAddSingleton<TranscriptPages>();
        services.AddSingleton(Own);
        services.AddWires();
        services.AddHostedService<HeartbeatService>();
        if (AccessWays.In(builder.Configuration).Any)
        {
            services.AddHostedService<StandingWatch>();
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<SocketTransportOptions>, PeerProbes>());
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ApiOptions>>(SetLimits);

        // First of all, so that a host that has defaults of its own for endpoints keeps them.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(
            new ConfigureOptions<KestrelServerOptions>(ConnectionHandover.Configure)));
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<ApiOptions>, AccessWays>(AddCorsPolicy);
        services.AddApiDescription();
        return builder;
    }

    /// <summary>Maps <c>/ws/chat/{session_id}</c>, <c>/api</c> and <c>/openapi/v1.json</c>, with what goes around them.</summary>
    /// <param name="app">The application.</param>
    /// <returns>The endpoints' convention builder, for the host's own policies.</returns>
    /// <exception cref="InvalidOperationException"><see cref="AddAgentStreamApi"/> was not called.</exception>
    public static IEndpointConventionBuilder MapAgentStreamApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);

        if (app.Services.GetService<SessionAccess>() is null)
        {
            throw new InvalidOperationException(
                "The API is mapped but not registered; add this line before Build(): builder.AddAgentStreamApi();");
        }

        app.UseWhen(IsOurs, ours => ours.UseCors(CorsPolicy).UseMiddleware<ApiMiddleware>().UseWebSockets());
        app.UseAgentStreamAccess();
        var group = app.MapGroup("").WithMetadata(ApiEndpoint.Mark);
        StreamEndpoints.MapSocket(group);
        AgentEndpoints.Map(group.MapGroup("/api"));
        RunEndpoints.Map(group.MapGroup("/api"));
        var sessions = group.MapGroup("/api/sessions");
        SessionEndpoints.Map(sessions);
        MessageEndpoints.Map(sessions);
        AttachmentEndpoints.MapLimits(group.MapGroup("/api"));
        AttachmentEndpoints.Map(sessions);
        ExportEndpoints.Map(sessions);
        StreamEndpoints.MapEvents(sessions);
        AdminEndpoints.Map(group.MapGroup("/api/admin"));
        if (app.Services.GetRequiredService<AccessWays>().Any && app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.Sharing)
        {
            ShareLinkEndpoints.Map(sessions);
        }

        group.MapWires();
        group.MapOpenApi("/openapi/{documentName}.json").RequireAuthorization(AccessPolicies.Read);
        return group;
    }

    private static bool IsOurs(HttpContext context) => Own.Paths.Any(path => context.Request.Path.StartsWithSegments(path));

    private static void Bind(ApiOptions options, IConfiguration configuration)
    {
        CheckedSettings.Bind(options, configuration, ApiOptions.Section);
        options.AllowedOrigins = ListOf(configuration, nameof(ApiOptions.AllowedOrigins));
        options.AllowedHosts = ListOf(configuration, nameof(ApiOptions.AllowedHosts));
    }

    private static string[] ListOf(IConfiguration configuration, string setting)
        => [.. configuration.GetSection($"{ApiOptions.Section}:{setting}").GetChildren().Select(item => item.Value ?? "")];

    // Filled in last: whoever names one gets none of the defaults. What can't be read stays as it is, for the validator to name.
    private static void SetDefaults(ApiOptions options)
    {
        options.AllowedOrigins = options.AllowedOrigins is { Length: > 0 } origins
            ? [.. origins.Select(origin => Origin.Normalise(origin) ?? origin)]
            : ApiOptions.DefaultOrigins;
        options.AllowedHosts = options.AllowedHosts is { Length: > 0 } hosts
            ? [.. hosts.Select(host => HostNames.Normalise(host) ?? host)]
            : ApiOptions.DefaultHosts;
    }

    private static void SetLimits(KestrelServerOptions kestrel, IOptions<ApiOptions> options)
    {
        kestrel.AddServerHeader = false;
        try
        {
            kestrel.Limits.RequestHeadersTimeout = options.Value.HandshakeTimeout;
            kestrel.Limits.KeepAliveTimeout = options.Value.IdleTimeout;
        }
        catch (OptionsValidationException)
        {
            // The server is made while the host is built, where nobody could say it in a sentence: the start says it, which comes next.
        }
    }

    private static void AddCorsPolicy(CorsOptions cors, IOptions<ApiOptions> options, AccessWays ways)
        => cors.AddPolicy(CorsPolicy, policy =>
        {
            policy
                .WithOrigins(options.Value.AllowedOrigins)
                .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete)
                .WithHeaders(
                    ["Authorization", "Content-Disposition", "Content-Type", "Last-Event-ID", "traceparent", "tracestate",
                        .. WireExtensions.RequestHeaders])
                .WithExposedHeaders(["Location", "Content-Disposition", "Retry-After", .. WireExtensions.ResponseHeaders]);
            if (ways.HasSignIn || ways.Header)
            {
                // The page's own cookie, of a port or name of the same site.
                policy.AllowCredentials();
            }
        });
}
