// A worker of your own, in the place of AgentStream.Worker: a C# tool that a person must approve, and an agent of the Agent Framework.
// Needs the Redis and the API of AgentStream: ConnectionStrings__redis says where. With OPENAI_API_KEY it asks a real model;
// without, plan.json plays one: AgentStream__DefaultModel=scripted AgentStream__Models__scripted__ScriptPath=plan.json.
using AgentStream.Samples.Worker;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSharedAgentStreamMessaging();
builder.Services.AddSingleton<Orders>();
builder.AddAgentStreamWorker(Team.Join);

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
