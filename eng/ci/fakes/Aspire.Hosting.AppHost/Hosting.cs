// The members of Aspire 13.5.2 that AppHost.cs uses, with their signatures (src/Aspire.Hosting/api/Aspire.Hosting.cs at tag v13.5.2), and their
// overloads where a call could be ambiguous.
namespace Aspire.Hosting.ApplicationModel
{
    public interface IResource;

    public interface IResourceWithEndpoints : IResource;

    public interface IResourceBuilder<out T>
        where T : IResource;

    public class ProjectResource : IResourceWithEndpoints;

    public class EndpointAnnotation;

    public class EndpointReference;
}

namespace Aspire.Hosting
{
    using Aspire.Hosting.ApplicationModel;

    public interface IProjectMetadata
    {
        string ProjectPath { get; }
    }

    public class ProjectResourceOptions;

    public interface IDistributedApplicationBuilder
    {
        DistributedApplication Build();
    }

    public class DistributedApplication
    {
        public static IDistributedApplicationBuilder CreateBuilder(string[] args) => throw new NotSupportedException();

        public void Run() => throw new NotSupportedException();
    }

    public static class ProjectResourceBuilderExtensions
    {
        public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
            where TProject : IProjectMetadata, new() => throw new NotSupportedException();

        public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
            where TProject : IProjectMetadata, new() => throw new NotSupportedException();

        public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
            where TProject : IProjectMetadata, new() => throw new NotSupportedException();

        public static IResourceBuilder<ProjectResource> WithEndpointsInEnvironment(this IResourceBuilder<ProjectResource> builder, Func<EndpointAnnotation, bool> filter) =>
            throw new NotSupportedException();
    }

    public static class ResourceBuilderExtensions
    {
        public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, string? name, string? env, bool isProxied)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
            where T : IResourceWithEndpoints => throw new NotSupportedException();
    }
}
