using AgentStream.ServiceDefaults;
using AgentStream.Web;

var builder = WebApplication.CreateBuilder(args);
builder.AddEmbeddedDefaults(typeof(AgentStreamWebExtensions).Assembly, "defaults.json");
builder.AddDefaultAddress("http://localhost:7860");
builder.AddStartFailures();
builder.AddSecretFiles();
builder.AddServiceDefaults();
builder.AddAgentStreamWeb();
builder.AddAnnouncement(WebAnnouncement.Of);

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapAgentStreamWeb();
return await app.RunServiceAsync();
