using AgentStream.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var publishing = builder.ExecutionContext.IsPublishMode;
if (!publishing)
{
    builder.AddGracefulStop();
}

if (!publishing
    && !Topology.IsDistributed(builder.Configuration, () => Topology.HasContainerEngine(builder.Configuration["ASPIRE_CONTAINER_RUNTIME"])))
{
    // API, worker and web in one process on the embedded log: needs nothing else.
    // It keeps its sessions, and looks for settings and agents, in the solution's folder.
    // It chooses its addresses by its own settings and listens on them itself; the endpoints only tell the dashboard where it is.
    builder.AddProject<Projects.AgentStream_Standalone>("agentstream", launchProfileName: null)
        .WithDefaults()
        .WithEnvironment("ASPNETCORE_CONTENTROOT", Path.GetFullPath("..", builder.AppHostDirectory))
        .WithEnvironment("AgentStream__Web__TraceUrl", TraceInDashboard())
        .WithHttpEndpoint(port: 8000, targetPort: 8000, name: "api", isProxied: false)
        .WithHttpEndpoint(port: 7860, targetPort: 7860, name: "web", isProxied: false)
        .WithEndpointsInEnvironment(_ => false)
        .WithHttpHealthCheck("/health", endpointName: "api")
        .WithUrlForEndpoint("web", url => url.DisplayText = "Chat")
        .WithUrlForEndpoint("api", url => url.DisplayText = "API");

    builder.Build().Run();
    return 0;
}

// The log and the queue: everything else can be lost.
// A server that is there already (ConnectionStrings:redis), or a container whose data outlives it.
IResourceBuilder<IResourceWithConnectionString> redis = Topology.HasExistingRedis(builder.Configuration)
    ? builder.AddConnectionString("redis")
    : builder.AddRedis("redis").WithDataVolume("agentstream-redis").WithAppendOnlyFile();

// Which model answers. None of them is needed: without key and address the demo model does, and says so.
var openAIKey = builder.AddParameter("openai-api-key", () => Given("OPENAI_API_KEY"), secret: true);
var openAIAddress = builder.AddParameter("openai-api-base", () => Given("OPENAI_API_BASE"));
var modelName = builder.AddParameter("model-name", () => Given("MODEL_NAME"));
var anthropicKey = builder.AddParameter("anthropic-api-key", () => Given("ANTHROPIC_API_KEY"), secret: true);
var groqKey = builder.AddParameter("groq-api-key", () => Given("GROQ_API_KEY"), secret: true);

// Lets clients in (WebSocket, SSE, REST) and keeps nothing: any of them serves any session.
var api = builder.AddProject<Projects.AgentStream_Api>("api", launchProfileName: null)
    .WithDefaults()
    .WithHttpEndpoint(port: 8000)
    .WithExternalHttpEndpoints()
    .WithReference(redis).WaitFor(redis)
    .WithProbes()
    .WithReplicas(2)
    .WithUrlForEndpoint("http", url => url.DisplayText = "API")
    .WithUrlForEndpoint(
        "http", (EndpointReference _) => new ResourceUrlAnnotation { Url = "/openapi/v1.json", DisplayText = "API description" });

// Runs the agents. What one of them leaves unfinished another one finishes.
builder.AddProject<Projects.AgentStream_Worker>("worker", launchProfileName: null)
    .WithDefaults()
    .WithHttpEndpoint()
    .WithReference(redis).WaitFor(redis)
    .WithEnvironment("OPENAI_API_KEY", openAIKey)
    .WithEnvironment("OPENAI_API_BASE", openAIAddress)
    .WithEnvironment("MODEL_NAME", modelName)
    .WithHomeVolume("agentstream-worker")
    .WithEnvironment("ANTHROPIC_API_KEY", anthropicKey)
    .WithEnvironment("GROQ_API_KEY", groqKey)
    .WithProbes()
    .WithReplicas(2)
    .WithUrlForEndpoint("http", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);

// What people see: pages, whose scripts talk to the API themselves.
// In Redis are the keys of their forms and sign-ins, so that any of them serves any request.
var web = builder.AddProject<Projects.AgentStream_Web>("web", launchProfileName: null)
    .WithDefaults()
    .WithHttpEndpoint(port: 7860)
    .WithExternalHttpEndpoints()
    .WithReference(redis).WaitFor(redis)
    .WithReference(api).WaitFor(api)
    .WithEnvironment("AgentStream__Web__ApiInternalAddress", api.GetEndpoint("http"))
    .WithProbes()
    .WithUrlForEndpoint("http", url => url.DisplayText = "Chat");

// Page and API have to know each other's address as browsers see it: here their own, elsewhere what the operator says.
if (publishing)
{
    var webAddress = builder.AddParameter("web-address", "http://localhost:7860", publishValueAsDefault: true);
    web.WithEnvironment(
        "AgentStream__Web__ApiBaseAddress", builder.AddParameter("api-address", "http://localhost:8000", publishValueAsDefault: true))
        .WithEnvironment("AgentStream__Web__AllowedHosts__0", webAddress);
    // What is published is closed to all but the machine or the cluster, until a way to be known is switched on.
    web.WithEnvironment("AgentStream__Access__Open", "true");
    api.WithEnvironment("AgentStream__Access__Open", "true");
    api.WithEnvironment("AgentStream__Api__AllowedOrigins__0", webAddress)
        .WithEnvironment("AgentStream__Api__AllowedHosts__0", builder.AddParameter("api-host", "localhost", publishValueAsDefault: true))
        .WithEnvironment("AgentStream__Api__AllowedHosts__1", api.GetEndpoint("http").Property(EndpointProperty.Host));
}
else
{
    web.WithEnvironment("AgentStream__Web__ApiBaseAddress", api.GetEndpoint("http"))
        .WithEnvironment("AgentStream__Web__TraceUrl", TraceInDashboard());
    api.WithEnvironment("AgentStream__Api__AllowedOrigins__0", web.GetEndpoint("http"));
}

if (publishing && !PublishTarget.IsChosen(builder))
{
    Console.Error.WriteLine(PublishTarget.NotBuilt);
    return 1;
}

builder.Build().Run();
return 0;

// Empty rather than missing: a parameter without a value would hold up the start and ask for it.
string Given(string variable) => builder.Configuration[variable] ?? "";

// Where the page's link to a run's trace leads, unless somebody says otherwise:
// to the dashboard, whose own address Aspire calls ASPNETCORE_URLS.
string TraceInDashboard() => builder.Configuration["AgentStream:Web:TraceUrl"]
    ?? (builder.Configuration["ASPNETCORE_URLS"]?.Split(';')[0] is { Length: > 0 } dashboard
        ? $"{dashboard.TrimEnd('/')}/traces/detail/{{trace_id}}"
        : "");
