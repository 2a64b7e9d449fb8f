using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Hosting;

/// <summary>Says for several resources what the application model says of them alike.</summary>
internal static class ServiceExtensions
{
    /// <summary>Makes it a service of AgentStream: it gets what all of them need, and stands below it in the dashboard.</summary>
    public static IResourceBuilder<T> AsService<T>(this IResourceBuilder<T> service, IResourceBuilder<AgentStreamResource> agents)
        where T : class, IResourceWithEnvironment, IResourceWithWaitSupport
    {
        service.WithDefaults().WithParentRelationship(agents);
        agents.Resource.Add(new(service, service));
        return service;
    }

    /// <summary>
    /// Runs the service in the AppHost's environment (Development reads user secrets), ends it before Aspire ends what it needs for that,
    /// and has it export telemetry without Aspire's retries: they hold up each stop by five seconds once the dashboard has gone.
    /// </summary>
    public static IResourceBuilder<T> WithDefaults<T>(this IResourceBuilder<T> service)
        where T : IResourceWithEnvironment
    {
        var builder = service.ApplicationBuilder;
        if (!builder.ExecutionContext.IsRunMode)
        {
            return service;
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GracefulStop>());
        return service
            .WithAnnotation(new GracefulStop.Annotation())
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["DOTNET_ENVIRONMENT"] = builder.Environment.EnvironmentName;
                context.EnvironmentVariables.Remove("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY");
            });
    }

    /// <summary>What Aspire does for projects alone: the address to listen on, and where telemetry goes.</summary>
    public static IResourceBuilder<ExecutableResource> AsPackagedService(this IResourceBuilder<ExecutableResource> service) => service
        .WithOtlpExporter()
        .WithEnvironment(context =>
        {
            var port = service.GetEndpoint("http").Property(EndpointProperty.TargetPort);
            context.EnvironmentVariables["ASPNETCORE_URLS"] = ReferenceExpression.Create($"http://localhost:{port}");
        });

    /// <summary>
    /// Ready (<c>/health</c>: the store answers) and alive (<c>/alive</c>), for Kubernetes, and as health checks here.
    /// Generous: a service whose Redis is away is not ready, but it must not be restarted for that.
    /// </summary>
    public static IResourceBuilder<T> WithProbes<T>(this IResourceBuilder<T> service)
        where T : IResourceWithEndpoints, IResourceWithProbes => service
        .WithHttpProbe(ProbeType.Readiness, "/health", periodSeconds: 10, timeoutSeconds: 10)
        .WithHttpProbe(ProbeType.Liveness, "/alive", periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6);

    /// <summary>
    /// Leads the page's link to a run's trace to the dashboard, whose own address Aspire calls ASPNETCORE_URLS, unless the AppHost's
    /// settings say otherwise (<c>AgentStream:Web:TraceUrl</c>).
    /// </summary>
    public static IResourceBuilder<T> WithTraces<T>(this IResourceBuilder<T> service)
        where T : IResourceWithEnvironment
    {
        var settings = service.ApplicationBuilder.Configuration;
        var address = settings["AgentStream:Web:TraceUrl"]
            ?? (settings["ASPNETCORE_URLS"]?.Split(';')[0] is { Length: > 0 } dashboard
                ? $"{dashboard.TrimEnd('/')}/traces/detail/{{trace_id}}"
                : "");
        return service.WithEnvironment("AgentStream__Web__TraceUrl", address);
    }

    /// <summary>Shows it in the dashboard, and in no manifest: it is nothing that runs by itself.</summary>
    public static IResourceBuilder<AgentStreamResource> WithStateOfItsApi(this IResourceBuilder<AgentStreamResource> agents) => agents
        .WithInitialState(new() { ResourceType = "AgentStream", State = KnownResourceStates.Starting, Properties = [] })
        .ExcludeFromManifest();

    /// <summary>Lets it run, for whoever waits for it, once its API is ready.</summary>
    public static void FollowStateOf<T>(this IResourceBuilder<AgentStreamResource> agents, IResourceBuilder<T> api)
        where T : IResource
        => agents.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(
            api.Resource,
            (ready, _) => ready.Services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(
                agents.Resource, state => state with { State = KnownResourceStates.Running }));
}
