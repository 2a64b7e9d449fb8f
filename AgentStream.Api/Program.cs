using AgentStream.Api;

var builder = WebApplication.CreateBuilder(args);
builder.AddAgentStreamApi();

var app = builder.Build();
app.MapAgentStreamApi();
app.Run();
