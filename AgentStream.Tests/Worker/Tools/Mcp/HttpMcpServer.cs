using System.Collections.Concurrent;
using System.Text.Json;
using AgentStream.Samples.McpServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>The sample's tools over streamable HTTP.</summary>
internal sealed class HttpMcpServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly WebApplication _app;

    /// <param name="withSessions">
    /// Like servers before revision 2026-07-28: a session begins with <c>initialize</c>, and nothing else is known outside of one.
    /// </param>
    /// <param name="port">0: any.</param>
    /// <param name="more">Further tools.</param>
    public HttpMcpServer(bool withSessions, int port = 0, params McpServerTool[] more)
    {
        McpServerPrimitiveCollection<McpServerTool> tools = [];
        foreach (var tool in SampleTools.All(tools).Concat(more))
        {
            tools.Add(tool);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services
            .AddMcpServer(options =>
                (options.ServerInfo, options.ToolCollection) = (new Implementation { Name = "http-sample", Version = "1.0" }, tools))
            .WithHttpTransport(options => options.Stateless = !withSessions);
        _app = builder.Build();
        _app.Use(WatchAsync);
        _app.MapMcp("/mcp");
    }

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/mcp";

    /// <summary>Does one thing at a time: a message waits until what came before it is answered.</summary>
    public bool IsSerial { get; init; }

    /// <summary>Hears of each request that arrives, before it is its turn.</summary>
    public Action<string> Arrived { get; set; } = _ => { };

    /// <summary>The header of each message.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = [];

    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _oneAtATime.Dispose();
    }

    private async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await next(context);
            return;
        }

        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        Arrived(await MethodOfAsync(context.Request));
        if (!IsSerial)
        {
            await next(context);
            return;
        }

        await _oneAtATime.WaitAsync(context.RequestAborted);
        try
        {
            await next(context);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private static async Task<string> MethodOfAsync(HttpRequest request)
    {
        request.EnableBuffering();
        using var message = await JsonDocument.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        request.Body.Position = 0;
        return message.RootElement.TryGetProperty("method", out var method) ? method.GetString()! : "";
    }
}
