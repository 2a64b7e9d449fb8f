using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;

namespace Aspire.Hosting;

public static class DockerComposeEnvironmentExtensions
{
    /// <summary>While the application runs, this means as little as the original does; publishing takes the original.</summary>
    /// <exception cref="DistributedApplicationException">The application is being published.</exception>
    public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ExecutionContext.IsPublishMode
            ? throw new DistributedApplicationException(
                "The package feed that this was built with has no Aspire.Hosting.Docker. Build with one that has it, or use deploy/compose.yaml, which needs no Aspire.")
            : builder.CreateResourceBuilder(new DockerComposeEnvironmentResource(name));
    }
}
