using AgentStream.Messaging.Log;
using AgentStream.ServiceDefaults;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Tools.Mcp.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddDefaultAddress("http://localhost:8010");
builder.AddStartFailures();
builder.AddSecretFiles();
builder.AddServiceDefaults();
builder.AddSharedAgentStreamMessaging();
if (McpCommand.IsMeant(args))
{
    return await McpCommand.RunAsync(builder, args);
}

builder.AddAgentStreamWorker();
builder.AddAnnouncement(WorkerAnnouncement.Of);

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync(StoreStartFailure.Describe);

// Not public, as the SDK would have it: a worker of somebody's own, which has this one as a package, has a Program too.
internal sealed partial class Program;
