using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Kubernetes
{
    public class KubernetesEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource;
}

namespace Aspire.Hosting
{
    using Aspire.Hosting.Kubernetes;

    public static class KubernetesEnvironmentExtensions
    {
        public static IResourceBuilder<KubernetesEnvironmentResource> AddKubernetesEnvironment(this IDistributedApplicationBuilder builder, string name) => throw new NotSupportedException();
    }
}
