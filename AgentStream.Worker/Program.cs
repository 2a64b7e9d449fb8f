using AgentStream.Messaging.Log;
using AgentStream.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddDefaultAddress("http://localhost:8010");
builder.AddStartFailures();
builder.AddServiceDefaults();
builder.AddAgentStreamMessaging();
builder.AddAgentStreamWorker();

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync(StoreStartFailure.Describe);
