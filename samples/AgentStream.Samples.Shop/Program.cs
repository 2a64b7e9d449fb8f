// A service that asks agents, found under the name that the AppHost has given to them.
using AgentStream.Client;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.AddAgentStreamClient(new Uri("http://agents"));

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapGet("/ask", async (string question, string agent, AgentStreamClient agents, CancellationToken cancellationToken)
    => (await agents.Session().GetAnswerAsync(question, new AskOptions { Agent = agent }, cancellationToken)).Text);
app.Run();
