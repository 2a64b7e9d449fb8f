using AgentStream.Access;
using AgentStream.Api;
using AgentStream.Messaging.Log;
using AgentStream.ServiceDefaults;
using AgentStream.Standalone;
using AgentStream.Web;
using AgentStream.Worker.Tools.Mcp.SignIn;

var builder = WebApplication.CreateBuilder(args);
builder.AddStandalone();
builder.AddStartFailures();
builder.AddSecretFiles();
builder.AddServiceDefaults();
builder.AddAgentStreamMessaging();
if (AccessCommand.IsMeant(args))
{
    return await AccessCommand.RunAsync(builder, args);
}

if (McpCommand.IsMeant(args))
{
    return await McpCommand.RunAsync(builder, args);
}

builder.AddAgentStreamWorker();
builder.AddAgentStreamApi();
builder.AddAgentStreamWeb();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapAgentStreamApi();
app.MapAgentStreamWeb();
return await app.RunServiceAsync(StoreStartFailure.Describe);
