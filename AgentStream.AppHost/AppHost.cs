var builder = DistributedApplication.CreateBuilder(args);

// API, worker and web in one process on the embedded log: needs nothing else. It chooses its addresses by its own settings and listens on them itself;
// the endpoints only tell the dashboard where it is.
builder.AddProject<Projects.AgentStream_Standalone>("agentstream", launchProfileName: null)
    .WithHttpEndpoint(port: 8000, targetPort: 8000, name: "api", isProxied: false)
    .WithHttpEndpoint(port: 7860, targetPort: 7860, name: "web", isProxied: false)
    .WithEndpointsInEnvironment(_ => false)
    .WithHttpHealthCheck("/health", endpointName: "api");

builder.Build().Run();
