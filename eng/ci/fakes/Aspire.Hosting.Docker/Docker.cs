using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm
{
    public sealed class Deploy
    {
        public int? Replicas { get; set; }
    }
}

namespace Aspire.Hosting.Docker.Resources.ComposeNodes
{
    using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

    public sealed class Service
    {
        public Deploy? Deploy { get; set; }

        public List<string> Ports { get; set; } = [];

        public string? Restart { get; set; }

        public string? StopGracePeriod { get; set; }
    }
}

namespace Aspire.Hosting.Docker
{
    public class DockerComposeEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource;

    public class DockerComposeServiceResource(string name) : Resource(name);
}

namespace Aspire.Hosting
{
    using Aspire.Hosting.Docker;
    using Aspire.Hosting.Docker.Resources.ComposeNodes;

    public static class DockerComposeEnvironmentExtensions
    {
        public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name) => throw new NotSupportedException();
    }

    public static class DockerComposeServiceExtensions
    {
        public static IResourceBuilder<T> PublishAsDockerComposeService<T>(this IResourceBuilder<T> builder, Action<DockerComposeServiceResource, Service> configure)
            where T : IComputeResource => throw new NotSupportedException();
    }
}
