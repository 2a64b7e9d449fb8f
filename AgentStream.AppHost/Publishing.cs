using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

namespace AgentStream.AppHost;

internal static partial class PublishTarget
{
    // One target at a time: with two in the model, Aspire wants each resource to name its own.
    static partial void Add(IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration["AgentStream:PublishTo"] is "kubernetes")
        {
            builder.AddKubernetesEnvironment("kubernetes");
            return;
        }

        builder.AddDockerComposeEnvironment("compose");
        foreach (var project in builder.Resources.OfType<ProjectResource>())
        {
            builder.CreateResourceBuilder(project).PublishAsDockerComposeService((_, service) => Describe(service, project));
        }
    }

    // A host port has one owner, so only a service that publishes none has replicas.
    // Ports are published to this machine alone: whoever reaches them may read and write every session until there is authentication.
    private static void Describe(Service service, ProjectResource project)
    {
        var isPublished = project.Annotations.OfType<EndpointAnnotation>().Any(endpoint => endpoint.IsExternal);
        service.Restart = "unless-stopped";
        service.StopGracePeriod = "40s";
        service.Deploy = new Deploy { Replicas = isPublished ? 1 : project.GetReplicaCount() };
        service.Ports = [.. service.Ports.Select(port => $"127.0.0.1:{port}")];
    }
}
