using AgentStream.Messaging.Log;
using AgentStream.ServiceDefaults;
using AgentStream.Worker.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.AddDefaultAddress("http://localhost:8010");
builder.AddStartFailures();
builder.AddServiceDefaults();
builder.AddSharedAgentStreamMessaging();
builder.AddAgentStreamWorker();
builder.AddAnnouncement(WorkerAnnouncement.Of);

var app = builder.Build();
app.MapDefaultEndpoints();
return await app.RunServiceAsync(StoreStartFailure.Describe);
