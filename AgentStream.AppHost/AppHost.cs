using AgentStream.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var publishing = builder.ExecutionContext.IsPublishMode;
if (!publishing
    && !Topology.IsDistributed(builder.Configuration, () => Topology.HasContainerEngine(builder.Configuration["ASPIRE_CONTAINER_RUNTIME"])))
{
    // API, worker and web in one process on the embedded log: needs nothing else.
    // It keeps its sessions, and looks for settings and agents, in the solution's folder.
    builder.AddAgentStreamStandalone<Projects.AgentStream_Standalone>("agentstream")
        .WithEnvironment("ASPNETCORE_CONTENTROOT", Path.GetFullPath("..", builder.AppHostDirectory));

    builder.Build().Run();
    return 0;
}

// The log and the queue: everything else can be lost.
// A server that is there already (ConnectionStrings:redis), or a container whose data outlives it.
IResourceBuilder<IResourceWithConnectionString> redis = Topology.HasExistingRedis(builder.Configuration)
    ? builder.AddConnectionString("redis")
    : builder.AddRedis("redis").WithDataVolume("agentstream-redis").WithAppendOnlyFile();

// Lets clients in, shows people the chat, and runs the agents.
builder.AddAgentStream<Projects.AgentStream_Api, Projects.AgentStream_Web>("agentstream", options =>
    {
        (options.ApiName, options.ApiPort, options.ApiReplicas) = ("api", 8000, 2);
        (options.WebName, options.WebPort) = ("web", 7860);
    })
    .WithReference(redis)
    .WithWorker<Projects.AgentStream_Worker>("worker", configure: worker => worker.WithModels().WithHomeVolume("agentstream-worker"));

if (publishing && !PublishTarget.IsChosen(builder))
{
    Console.Error.WriteLine(PublishTarget.NotBuilt);
    return 1;
}

builder.Build().Run();
return 0;
