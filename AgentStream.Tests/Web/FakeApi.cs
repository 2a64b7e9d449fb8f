using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Web;

/// <summary>An API that answers what it is told to, and remembers what it was sent.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeApi(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public string Transcript { get; set; } = """{"messages":[],"has_more":false}""";

    public Func<HttpContext, Task> OnMessage { get; set; } = context => context.Response.WriteAsync("""{"answer":"ok"}""");

    public ConcurrentQueue<string> Received { get; } = new();

    public static async Task<FakeApi> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new FakeApi(app);
        app.MapGet("/api/agents", () => Results.Text("""[{"name":"researcher","description":"looks things up"}]""", "application/json"));
        app.MapGet("/api/sessions/{id}", () => Results.Text(api.Transcript, "application/json"));
        app.MapPost("/api/sessions/{id}/messages", api.TakeAsync);
        await app.StartAsync();
        return api;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        Received.Enqueue($"{context.Request.Path}{context.Request.QueryString} {body}");
        await OnMessage(context);
    }
}
