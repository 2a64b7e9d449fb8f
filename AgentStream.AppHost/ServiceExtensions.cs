using Microsoft.Extensions.DependencyInjection;

namespace AgentStream.AppHost;

/// <summary>Says for several resources what the application model says of them alike.</summary>
internal static class ServiceExtensions
{
    /// <summary>Ends the services before Aspire ends what they need to end well.</summary>
    public static void AddGracefulStop(this IDistributedApplicationBuilder builder) => builder.Services.AddHostedService<GracefulStop>();

    /// <summary>
    /// Runs the service in the AppHost's environment (Development reads user secrets),
    /// and has it export telemetry without Aspire's retries: they hold up each stop by five seconds once the dashboard has gone.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithDefaults(this IResourceBuilder<ProjectResource> project)
        => project.WithEnvironment(context =>
        {
            if (context.ExecutionContext.IsRunMode)
            {
                context.EnvironmentVariables["DOTNET_ENVIRONMENT"] = project.ApplicationBuilder.Environment.EnvironmentName;
                context.EnvironmentVariables.Remove("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY");
            }
        });

    /// <summary>
    /// Ready (<c>/health</c>: the store answers) and alive (<c>/alive</c>), for Kubernetes, and as health checks here.
    /// Generous: a service whose Redis is away is not ready, but it must not be restarted for that.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithProbes(this IResourceBuilder<ProjectResource> project) => project
        .WithHttpProbe(ProbeType.Readiness, "/health", periodSeconds: 10, timeoutSeconds: 10)
        .WithHttpProbe(ProbeType.Liveness, "/alive", periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6);

    /// <summary>
    /// What the service writes outlives its container where it is published, and all of its replicas share it:
    /// a worker's notes, the keys of the web's forms. Over the home directory, because a new volume takes its owner from there.
    /// Means nothing while it runs here, where services are processes.
    /// </summary>
    /// <remarks>
    /// As <c>WithVolume</c> has it, which is for container resources only; the publishers look for the annotation on any resource.
    /// In Kubernetes the volume is the pod's own (<c>emptyDir</c>) until its chart is given a claim
    /// that several pods may write to: see docs/operations.md.
    /// </remarks>
    public static IResourceBuilder<ProjectResource> WithHomeVolume(this IResourceBuilder<ProjectResource> project, string name) =>
        project.WithAnnotation(new ContainerMountAnnotation(name, "/home/app", ContainerMountType.Volume, isReadOnly: false));

    /// <summary>
    /// Writes each append to a file that is synced every second, and refuses writes when memory is full:
    /// nothing that was acknowledged is dropped to make room.
    /// </summary>
    public static IResourceBuilder<RedisResource> WithAppendOnlyFile(this IResourceBuilder<RedisResource> redis)
        => redis.WithArgs(context =>
        {
            string[] options = ["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"];
            if (context.ExecutionContext.IsRunMode)
            {
                foreach (var option in options)
                {
                    context.Args.Add(option);
                }

                return;
            }

            // When publishing, Aspire.Hosting.Redis writes the whole command as one argument of "sh -c" (RedisBuilderExtensions.AddRedis,
            // "temporary workaround"); a further argument would be the shell's. Goes when publishing has a list of arguments too.
            context.Args[^1] = $"{context.Args[^1]} {string.Join(' ', options)}";
        });
}
