namespace AgentStream.AppHost;

/// <summary>Says of resources what does not belong into the picture of the application.</summary>
internal static class ServiceExtensions
{
    /// <summary>
    /// Tells which model answers. None of them is needed: without key and address the demo model does, and says so.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithModels(this IResourceBuilder<ProjectResource> worker)
    {
        var builder = worker.ApplicationBuilder;
        foreach (var variable in (string[])["OPENAI_API_KEY", "OPENAI_API_BASE", "MODEL_NAME", "ANTHROPIC_API_KEY", "GROQ_API_KEY"])
        {
            // Empty rather than missing: a parameter without a value would hold up the start and ask for it.
            var parameter = builder.AddParameter(
                variable.ToLowerInvariant().Replace('_', '-'),
                () => builder.Configuration[variable] ?? "",
                secret: variable.EndsWith("KEY", StringComparison.Ordinal));
            worker.WithEnvironment(variable, parameter);
        }

        return worker;
    }

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
