// The members of Aspire that AppHost.cs and its tests use, with their signatures (src/Aspire.Hosting/api/Aspire.Hosting.cs of microsoft/aspire), and their
// overloads where a call could be ambiguous.
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.ApplicationModel
{
    public interface IValueProvider;

    public interface IManifestExpressionProvider;

    public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

    public interface IResource
    {
        ResourceAnnotationCollection Annotations { get; }

        string Name { get; }
    }

    public interface IResourceAnnotation;

    public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

    public interface IResourceCollection : IList<IResource>;

    public interface IResourceWithArgs : IResource;

    public interface IResourceWithConnectionString : IResource, IExpressionValue;

    public interface IResourceWithEndpoints : IResource;

    public interface IResourceWithEnvironment : IResource;

    public interface IResourceWithProbes : IResource;

    public interface IResourceWithWaitSupport : IResource;

    public interface IComputeResource : IResource;

    public interface IComputeEnvironmentResource : IResource;

    public interface IResourceBuilder<out T>
        where T : IResource
    {
        T Resource { get; }

        IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation;
    }

    public abstract class Resource(string name) : IResource
    {
        public virtual ResourceAnnotationCollection Annotations { get; } = [];

        public virtual string Name { get; } = name;
    }

    public class ContainerResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource;

    public class ParameterResource(string name) : Resource(name), IExpressionValue;

    public class ProjectResource(string name)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IResourceWithProbes, IComputeResource;

    public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
    {
        public bool IsReadOnly => isReadOnly;

        public string? Source => source;

        public string Target => target;

        public ContainerMountType Type => type;
    }

    public enum ContainerMountType
    {
        BindMount = 0,
        Volume = 1,
    }

    public enum ResourceAnnotationMutationBehavior
    {
        Append = 0,
        Replace = 1,
    }

    public sealed class EndpointAnnotation : IResourceAnnotation;

    public sealed class EndpointReference : IExpressionValue
    {
        public EndpointReferenceExpression Property(EndpointProperty property) => throw new NotSupportedException();
    }

    public class EndpointReferenceExpression : IExpressionValue;

    public enum EndpointProperty
    {
        Url = 0,
        Host = 1,
    }

    public enum ProbeType
    {
        Startup = 0,
        Readiness = 1,
        Liveness = 2,
    }

    public enum UrlDisplayLocation
    {
        SummaryAndDetails = 0,
        DetailsOnly = 1,
    }

    public sealed class ResourceUrlAnnotation : IResourceAnnotation
    {
        public required string Url { get; set; }

        public string? DisplayText { get; set; }

        public UrlDisplayLocation DisplayLocation { get; set; }
    }

    public class ReferenceExpression : IExpressionValue
    {
        [InterpolatedStringHandler]
        public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
        {
            public int Length => literalLength + formattedCount;
        }
    }

    public sealed class CommandLineArgsCallbackContext
    {
        public IList<object> Args => throw new NotSupportedException();

        public DistributedApplicationExecutionContext ExecutionContext => throw new NotSupportedException();
    }

    public sealed record ResourceStateSnapshot(string Text, string? Style);

    public sealed record CustomResourceSnapshot
    {
        public ResourceStateSnapshot? State { get; init; }
    }

    public class ResourceEvent
    {
        public IResource Resource => throw new NotSupportedException();

        public string ResourceId => throw new NotSupportedException();

        public CustomResourceSnapshot Snapshot => throw new NotSupportedException();
    }

    public sealed class ExecuteCommandResult
    {
        public required bool Success { get; init; }
    }

    public class ResourceCommandService
    {
        public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    public class ResourceNotificationService
    {
        public bool TryGetCurrentState(string resourceId, out ResourceEvent? resourceEvent) => throw new NotSupportedException();

        public Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    public static class KnownResourceStates
    {
        public static readonly string Running = "Running";
        public static readonly IReadOnlyList<string> TerminalStates = ["Finished", "Exited", "FailedToStart"];
    }

    public static class KnownResourceCommands
    {
        public static readonly string StartCommand = "start";
        public static readonly string StopCommand = "stop";
    }
}

namespace Aspire.Hosting
{
    using Aspire.Hosting.ApplicationModel;

    public interface IProjectMetadata
    {
        string ProjectPath { get; }
    }

    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

    public class ProjectResourceOptions;

    public class DistributedApplicationExecutionContext
    {
        public bool IsPublishMode => throw new NotSupportedException();

        public bool IsRunMode => throw new NotSupportedException();
    }

    public interface IDistributedApplicationBuilder
    {
        ConfigurationManager Configuration { get; }

        DistributedApplicationExecutionContext ExecutionContext { get; }

        IResourceCollection Resources { get; }

        DistributedApplication Build();
    }

    public static class DistributedApplicationBuilderExtensions
    {
        public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, string name)
            where T : IResource => throw new NotSupportedException();
    }

    public class DistributedApplication : IAsyncDisposable
    {
        public static IDistributedApplicationBuilder CreateBuilder(string[] args) => throw new NotSupportedException();

        public ResourceCommandService ResourceCommands => throw new NotSupportedException();

        public ResourceNotificationService ResourceNotifications => throw new NotSupportedException();

        public void Run() => throw new NotSupportedException();

        public virtual Task StartAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public virtual ValueTask DisposeAsync() => throw new NotSupportedException();
    }

    public static class ParameterResourceBuilderExtensions
    {
        public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
            throw new NotSupportedException();

        public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) => throw new NotSupportedException();

        public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false) =>
            throw new NotSupportedException();

        public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
            throw new NotSupportedException();
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

        public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) => throw new NotSupportedException();
    }

    public static class ResourceBuilderExtensions
    {
        public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
            where T : IResourceWithWaitSupport => throw new NotSupportedException();

        public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, Action<CommandLineArgsCallbackContext> callback)
            where T : IResourceWithArgs => throw new NotSupportedException();

        public static IResourceBuilder<T> WithArgs<T>(this IResourceBuilder<T> builder, Func<CommandLineArgsCallbackContext, Task> callback)
            where T : IResourceWithArgs => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
            where T : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IExpressionValue value)
            where T : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string envVarName, IResourceBuilder<IResourceWithConnectionString> resource)
            where T : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
            where T : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, in ReferenceExpression.ExpressionInterpolatedStringHandler value)
            where T : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
            where T : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithEnvironment<T, TValue>(this IResourceBuilder<T> builder, string name, TValue value)
            where T : IResourceWithEnvironment
            where TValue : IValueProvider, IManifestExpressionProvider => throw new NotSupportedException();

        public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port, int? targetPort, string? name, string? env, bool isProxied)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? name = null, string? env = null, bool? isProxied = null)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, Func<EndpointReference>? endpointSelector, string? path = null, int? statusCode = null)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
            where T : IResourceWithEndpoints => throw new NotSupportedException();

        [Experimental("ASPIREPROBES001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
        public static IResourceBuilder<T> WithHttpProbe<T>(
            this IResourceBuilder<T> builder,
            ProbeType type,
            string? path = null,
            int? initialDelaySeconds = null,
            int? periodSeconds = null,
            int? timeoutSeconds = null,
            int? failureThreshold = null,
            int? successThreshold = null,
            string? endpointName = null)
            where T : IResourceWithEndpoints, IResourceWithProbes => throw new NotSupportedException();

        public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
            where TDestination : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<TDestination> WithReference<TDestination>(
            this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
            where TDestination : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
            where TDestination : IResourceWithEnvironment => throw new NotSupportedException();

        public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
            where T : IResource => throw new NotSupportedException();

        public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
            where T : IResourceWithEndpoints => throw new NotSupportedException();
    }
}
