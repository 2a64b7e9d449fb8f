using AgentStream.Tests.Support;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.AppHost;

/// <summary>What AgentStream.Hosting adds to somebody's application, which is not started here.</summary>
public sealed class HostingTests
{
    private readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions { DisableDashboard = true });

    [Fact]
    public async Task AddAgentStream_WithRedisAndWorker_GivesEachWhatItNeeds()
    {
        _builder.AddAgentStream<ApiProject, WebProject>("agents")
            .WithReference(_builder.AddConnectionString("cache"))
            .WithWorker<WorkerProject>(replicas: 3);

        foreach (var name in (string[])["agents-api", "agents-web", "agents-worker"])
        {
            Assert.Equal("{cache.connectionString}", (await SettingsAsync(name))["ConnectionStrings__redis"]);
            Assert.Contains(Resource(name).Annotations.OfType<WaitAnnotation>(), wait => wait.Resource.Name == "cache");
            Assert.NotEmpty(Resource(name).Annotations.OfType<HealthCheckAnnotation>());
            Assert.Contains(
                Resource(name).Annotations.OfType<ResourceRelationshipAnnotation>(), parent => parent.Resource.Name == "agents");
        }

        Assert.Equal("{agents-api.bindings.http.url}", (await SettingsAsync("agents-web"))["AgentStream__Web__ApiBaseAddress"]);
        Assert.Equal("{agents-web.bindings.http.url}", (await SettingsAsync("agents-api"))["AgentStream__Api__AllowedOrigins__0"]);
        Assert.Equal(3, Assert.IsType<ProjectResource>(Resource("agents-worker")).GetReplicaCount());
    }

    [Fact]
    public async Task AddAgentStream_RedisAfterTheWorker_IsTheWorkersToo()
    {
        _builder.AddAgentStream<ApiProject, WebProject>("agents").WithWorker<WorkerProject>("mine")
            .WithReference(_builder.AddConnectionString("redis"));

        Assert.Equal("{redis.connectionString}", (await SettingsAsync("mine"))["ConnectionStrings__redis"]);
    }

    [Fact]
    public async Task WithReference_OfAnotherService_FindsTheApiUnderTheNameOfAgentStream()
    {
        var agents = _builder.AddAgentStream<ApiProject, WebProject>("agents");
        _builder.AddProject<WorkerProject>("shop", launchProfileName: null).WithReference(agents);

        Assert.Equal("{agents-api.bindings.http.url}", (await SettingsAsync("shop"))["services__agents__http__0"]);
    }

    [Fact]
    public void AddAgentStream_OfServersThatNoPackageBrings_SaysWhatToDo()
    {
        var error = Assert.Throws<InvalidOperationException>(() => _builder.AddAgentStream("agents"));
        Assert.Contains("PackageReference to AgentStream.Hosting", error.Message, StringComparison.Ordinal);
    }

    private IResource Resource(string name) => _builder.Resources.Single(resource => resource.Name == name);

    private async Task<Dictionary<string, string>> SettingsAsync(string name)
    {
        var settings = await ExecutionConfigurationBuilder.Create(Resource(name))
            .WithEnvironmentVariablesConfig()
            .BuildAsync(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish), NullLogger.Instance);
        return settings.EnvironmentVariables.ToDictionary();
    }

    private sealed class ApiProject : Project
    {
        public override string Name => "AgentStream.Api";
    }

    private sealed class WebProject : Project
    {
        public override string Name => "AgentStream.Web";
    }

    private sealed class WorkerProject : Project
    {
        public override string Name => "AgentStream.Worker";
    }

    private abstract class Project : IProjectMetadata
    {
        public abstract string Name { get; }

        public string ProjectPath => Path.Combine(Repository.Root, Name, $"{Name}.csproj");
    }
}
