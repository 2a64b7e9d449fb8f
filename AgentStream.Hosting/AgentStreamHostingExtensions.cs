using AgentStream.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>The verbs that add AgentStream to an application.</summary>
public static class AgentStreamHostingExtensions
{
    /// <summary>
    /// Adds AgentStream: its API and its pages as this package brings them. They run here; publishing takes projects of them.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Its name, under which other services find the API: <c>http://{name}</c>.</param>
    /// <param name="configure">Sets names and ports.</param>
    /// <exception cref="InvalidOperationException">The AppHost was built without this package, or publishes.</exception>
    public static IResourceBuilder<AgentStreamResource> AddAgentStream(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<AgentStreamHostingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var servers = PackagedServers.Folder(builder);
        return Add(
            builder,
            name,
            configure,
            (api, _) => builder.AddExecutable(api, "dotnet", servers, "AgentStream.Api.dll").AsPackagedService(),
            (web, _) => builder.AddExecutable(web, "dotnet", servers, "AgentStream.Web.dll").AsPackagedService());
    }

    /// <summary>Adds AgentStream: its API and its pages as projects of the solution.</summary>
    /// <typeparam name="TApi">The API's project.</typeparam>
    /// <typeparam name="TWeb">The pages' project.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">Its name, under which other services find the API: <c>http://{name}</c>.</param>
    /// <param name="configure">Sets names, ports and replicas.</param>
    public static IResourceBuilder<AgentStreamResource> AddAgentStream<TApi, TWeb>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<AgentStreamHostingOptions>? configure = null)
        where TApi : IProjectMetadata, new()
        where TWeb : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);

        return Add(
            builder,
            name,
            configure,
            (api, options) => builder.AddProject<TApi>(api, launchProfileName: null).WithReplicas(options.ApiReplicas),
            (web, _) => builder.AddProject<TWeb>(web, launchProfileName: null));
    }

    /// <summary>Keeps sessions and runs in a Redis. All services wait for it.</summary>
    /// <param name="agents">AgentStream.</param>
    /// <param name="redis">The Redis; what it is called does not matter.</param>
    public static IResourceBuilder<AgentStreamResource> WithReference(
        this IResourceBuilder<AgentStreamResource> agents, IResourceBuilder<IResourceWithConnectionString> redis)
    {
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentNullException.ThrowIfNull(redis);

        agents.Resource.Need(part =>
        {
            part.Settings.WithReference(redis, connectionName: "redis");
            part.Start.WaitFor(redis);
        });
        return agents;
    }

    /// <summary>Adds workers: what one of them leaves unfinished another one finishes.</summary>
    /// <typeparam name="TProject">
    /// The project, with <c>AddAgentStreamWorker</c> and health checks under <c>/health</c> and <c>/alive</c>.
    /// </typeparam>
    /// <param name="agents">AgentStream.</param>
    /// <param name="name">The resource's name. Default: that of AgentStream with <c>-worker</c>.</param>
    /// <param name="replicas">How many there are. Default: 2.</param>
    /// <param name="configure">Says more of them: keys of models, for example.</param>
    public static IResourceBuilder<AgentStreamResource> WithWorker<TProject>(
        this IResourceBuilder<AgentStreamResource> agents,
        [ResourceName] string? name = null,
        int replicas = 2,
        Action<IResourceBuilder<ProjectResource>>? configure = null)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(agents);

        var worker = agents.ApplicationBuilder
            .AddProject<TProject>(name ?? $"{agents.Resource.Name}-worker", launchProfileName: null)
            .AsService(agents)
            .WithHttpEndpoint()
            .WithProbes()
            .WithReplicas(replicas)
            .WithUrlForEndpoint("http", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);
        configure?.Invoke(worker);
        return agents;
    }

    /// <summary>Tells a service where AgentStream's API is: <c>http://{name}</c>, with service discovery.</summary>
    /// <typeparam name="TService">The kind of service.</typeparam>
    /// <param name="service">The service.</param>
    /// <param name="agents">AgentStream.</param>
    public static IResourceBuilder<TService> WithReference<TService>(
        this IResourceBuilder<TService> service, IResourceBuilder<AgentStreamResource> agents)
        where TService : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(agents);

        return service.WithEnvironment($"services__{agents.Resource.Name}__http__0", agents.Resource.Api)
            .WithReferenceRelationship(agents);
    }

    /// <summary>
    /// Adds API, worker and pages as one process, which needs no Redis. It chooses its addresses by its own settings and listens on them
    /// itself; the endpoints only tell the dashboard where it is.
    /// </summary>
    /// <typeparam name="TProject">The project of that process.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    public static IResourceBuilder<ProjectResource> AddAgentStreamStandalone<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where TProject : IProjectMetadata, new()
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddProject<TProject>(name, launchProfileName: null)
            .WithDefaults()
            .WithTraces()
            .WithHttpEndpoint(port: 8000, targetPort: 8000, name: "api", isProxied: false)
            .WithHttpEndpoint(port: 7860, targetPort: 7860, name: "web", isProxied: false)
            .WithEndpointsInEnvironment(_ => false)
            .WithHttpHealthCheck("/health", endpointName: "api")
            .WithUrlForEndpoint("web", url => url.DisplayText = "Chat")
            .WithUrlForEndpoint("api", url => url.DisplayText = "API");
    }

    private static IResourceBuilder<AgentStreamResource> Add<T>(
        IDistributedApplicationBuilder builder,
        string name,
        Action<AgentStreamHostingOptions>? configure,
        Func<string, AgentStreamHostingOptions, IResourceBuilder<T>> addApi,
        Func<string, AgentStreamHostingOptions, IResourceBuilder<T>> addWeb)
        where T : class, IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithProbes, IResourceWithWaitSupport
    {
        var options = new AgentStreamHostingOptions();
        configure?.Invoke(options);
        var agents = builder.AddResource(new AgentStreamResource(name)).WithStateOfItsApi();

        // Lets clients in (WebSocket, SSE, REST) and keeps nothing: any of them serves any session.
        var api = addApi(options.ApiName ?? $"{name}-api", options)
            .AsService(agents)
            .WithHttpEndpoint(port: options.ApiPort)
            .WithExternalHttpEndpoints()
            .WithProbes()
            .WithUrlForEndpoint("http", url => url.DisplayText = "API")
            .WithUrlForEndpoint(
                "http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/openapi/v1.json", DisplayText = "API description" });
        agents.Resource.Api = api.GetEndpoint("http");
        agents.FollowStateOf(api);

        // What people see: pages, whose scripts talk to the API themselves.
        // In Redis are the keys of their forms and sign-ins, so that any of them serves any request.
        var web = addWeb(options.WebName ?? $"{name}-web", options)
            .AsService(agents)
            .WithHttpEndpoint(port: options.WebPort)
            .WithExternalHttpEndpoints()
            .WithReference(agents.Resource.Api).WaitFor(api)
            .WithEnvironment("AgentStream__Web__ApiInternalAddress", agents.Resource.Api)
            .WithProbes()
            .WithUrlForEndpoint("http", url => url.DisplayText = "Chat");
        agents.Resource.Web = web.GetEndpoint("http");

        Acquaint(builder, api, web);
        return agents;
    }

    // Page and API have to know each other's address as browsers see it: here their own, elsewhere what the operator says.
    private static void Acquaint<T>(IDistributedApplicationBuilder builder, IResourceBuilder<T> api, IResourceBuilder<T> web)
        where T : class, IResourceWithEnvironment, IResourceWithEndpoints
    {
        if (!builder.ExecutionContext.IsPublishMode)
        {
            web.WithEnvironment("AgentStream__Web__ApiBaseAddress", api.GetEndpoint("http")).WithTraces();
            api.WithEnvironment("AgentStream__Api__AllowedOrigins__0", web.GetEndpoint("http"));
            return;
        }

        var webAddress = builder.AddParameter("web-address", "http://localhost:7860", publishValueAsDefault: true);
        var apiAddress = builder.AddParameter("api-address", "http://localhost:8000", publishValueAsDefault: true);
        var apiHost = builder.AddParameter("api-host", "localhost", publishValueAsDefault: true);
        // What is published is closed to all but the machine or the cluster, until a way to be known is switched on.
        web.WithEnvironment("AgentStream__Web__ApiBaseAddress", apiAddress)
            .WithEnvironment("AgentStream__Web__AllowedHosts__0", webAddress)
            .WithEnvironment("AgentStream__Access__Open", "true");
        api.WithEnvironment("AgentStream__Access__Open", "true")
            .WithEnvironment("AgentStream__Api__AllowedOrigins__0", webAddress)
            .WithEnvironment("AgentStream__Api__AllowedHosts__0", apiHost)
            .WithEnvironment("AgentStream__Api__AllowedHosts__1", api.GetEndpoint("http").Property(EndpointProperty.Host));
    }
}
