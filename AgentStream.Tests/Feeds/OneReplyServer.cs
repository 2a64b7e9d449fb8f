using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Chat;

namespace AgentStream.Tests.Feeds;

/// <summary>A chat completions endpoint that gives one reply and keeps what it was asked.</summary>
internal sealed class OneReplyServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OneReplyServer(WebApplication app) => _app = app;

    public JsonObject Request { get; private set; } = [];

    public IChatClient Client => new ChatClient(
        "model", new ApiKeyCredential("key"), new OpenAIClientOptions { Endpoint = new Uri(_app.Urls.First() + "/v1") }).AsIChatClient();

    public static Task<OneReplyServer> StartStreamingAsync(params string[] chunks) =>
        StartAsync("text/event-stream", string.Concat(chunks.Append("[DONE]").Select(chunk => $"data: {chunk}\n\n")));

    public static async Task<OneReplyServer> StartAsync(string contentType, string body)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        OneReplyServer server = new(app);
        app.MapPost("/v1/chat/completions", async context =>
        {
            server.Request = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync(body, Encoding.UTF8, context.RequestAborted);
        });
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
