// A shop that has agents: API and pages of AgentStream from its package, workers with the shop's own tools and agents, and a service that
// asks them. From the root of the repository:
//   dotnet pack -o packages && dotnet run --project samples/AgentStream.Samples.AppHost
// Then http://localhost:5080/ask?agent=dispatcher&question=ship is answered, and the chat is on http://localhost:7860.
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// A Redis that is there already (ConnectionStrings__redis), or a container.
IResourceBuilder<IResourceWithConnectionString> redis = builder.Configuration.GetConnectionString("redis") is null
    ? builder.AddRedis("redis")
    : builder.AddConnectionString("redis");

var agents = builder.AddAgentStream("agents", options => (options.ApiPort, options.WebPort) = (8000, 7860))
    .WithReference(redis)
    .WithWorker<Projects.AgentStream_Samples_Worker>(configure: WithModel);

builder.AddProject<Projects.AgentStream_Samples_Shop>("shop", launchProfileName: null)
    .WithHttpEndpoint(port: 5080)
    .WithReference(agents)
    .WaitFor(agents);

builder.Build().Run();

// A real model where there is a key; otherwise the plan of the worker's sample plays one.
void WithModel(IResourceBuilder<ProjectResource> worker)
{
    if (builder.Configuration["OPENAI_API_KEY"] is { Length: > 0 } key)
    {
        worker.WithEnvironment("OPENAI_API_KEY", key);
    }
    else
    {
        worker.WithEnvironment("AgentStream__DefaultModel", "scripted")
            .WithEnvironment("AgentStream__Models__scripted__ScriptPath", "plan.json");
    }
}
