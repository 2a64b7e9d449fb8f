using AgentStream.Access;
using AgentStream.Api;
using AgentStream.Messaging.Log;
using AgentStream.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddDefaultAddress("http://localhost:8000");
builder.AddStartFailures();
builder.AddSecretFiles();
builder.AddServiceDefaults();
builder.AddSharedAgentStreamMessaging();
if (AccessCommand.IsMeant(args))
{
    return await AccessCommand.RunAsync(builder, args);
}

builder.AddAgentStreamApi();
builder.AddAnnouncement(ApiAnnouncement.Of);

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapAgentStreamApi();
return await app.RunServiceAsync(StoreStartFailure.Describe);
