using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;

namespace Aspire.Hosting;

public static class KubernetesEnvironmentExtensions
{
    /// <summary>While the application runs, this means as little as the original does; publishing takes the original.</summary>
    /// <exception cref="DistributedApplicationException">The application is being published.</exception>
    public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ExecutionContext.IsPublishMode
            ? throw new DistributedApplicationException("The package feed that this was built with has no Aspire.Hosting.Kubernetes. Build with one that has it to publish a Helm chart.")
            : builder.CreateResourceBuilder(new KubernetesEnvironmentResource(name));
    }
}
