using System.Collections.Concurrent;
using System.Text.Json;
using AgentStream.Samples.McpServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>The sample's tools over streamable HTTP: the official SDK's transport, hosted by hand, since its ASP.NET package is not on every feed.</summary>
internal sealed class HttpMcpServer : IAsyncDisposable
{
    private const string SessionHeader = "Mcp-Session-Id";

    private readonly ConcurrentDictionary<string, (StreamableHttpServerTransport Transport, Task Run)> _sessions = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly WebApplication _app;
    private readonly McpServerOptions _options;
    private readonly bool _withSessions;

    /// <param name="withSessions">Like servers before revision 2026-07-28: a session begins with <c>initialize</c>, and nothing else is known outside of one.</param>
    /// <param name="port">0: any.</param>
    /// <param name="more">Further tools.</param>
    public HttpMcpServer(bool withSessions, int port = 0, params McpServerTool[] more)
    {
        _withSessions = withSessions;
        _options = new McpServerOptions { ServerInfo = new Implementation { Name = "http-sample", Version = "1.0" }, ToolCollection = [] };
        foreach (var tool in SampleTools.All(_options.ToolCollection).Concat(more))
        {
            _options.ToolCollection.Add(tool);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.MapPost("/mcp", PostAsync);
        _app.MapGet("/mcp", GetAsync);
        _app.MapDelete("/mcp", DeleteAsync);
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
        await _stop.CancelAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _app.StopAsync(patience.Token);
        }

        await _app.DisposeAsync();
        foreach (var (transport, _) in _sessions.Values)
        {
            await transport.DisposeAsync();
        }

        _stop.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task PostAsync(HttpContext context)
    {
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        var message = await JsonSerializer.DeserializeAsync(
            context.Request.Body, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage)), context.RequestAborted);
        Arrived((message as JsonRpcRequest)?.Method ?? "");
        if (IsSerial)
        {
            await _oneAtATime.WaitAsync(context.RequestAborted);
        }

        try
        {
            await AnswerAsync(context, message!);
        }
        finally
        {
            if (IsSerial)
            {
                _oneAtATime.Release();
            }
        }
    }

    private async Task AnswerAsync(HttpContext context, JsonRpcMessage message)
    {
        if (context.Request.Headers.TryGetValue(SessionHeader, out var id))
        {
            if (_sessions.TryGetValue(id!, out var session))
            {
                await HandleAsync(context, session.Transport, message);
            }
            else
            {
                context.Response.StatusCode = 404;
            }
        }
        else if (message is JsonRpcRequest { Method: RequestMethods.Initialize })
        {
            var transport = new StreamableHttpServerTransport();
            var name = Guid.NewGuid().ToString("N");
            _sessions[name] = (transport, RunAsync(transport));
            context.Response.Headers[SessionHeader] = name;
            await HandleAsync(context, transport, message);
        }
        else if (_withSessions)
        {
            context.Response.StatusCode = 400;
        }
        else
        {
            await using var transport = new StreamableHttpServerTransport { Stateless = true };
            var run = RunAsync(transport);
            await HandleAsync(context, transport, message);
            await transport.DisposeAsync();
            await run;
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        if (!_sessions.TryGetValue(context.Request.Headers[SessionHeader].ToString(), out var session))
        {
            context.Response.StatusCode = 405;
            return;
        }

        Stream(context);
        await context.Response.Body.FlushAsync();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        try
        {
            await session.Transport.HandleGetRequestAsync(context.Response.Body, either.Token);
        }
        catch (OperationCanceledException)
        {
            // The client has left, or the server ends.
        }
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (_sessions.TryRemove(context.Request.Headers[SessionHeader].ToString(), out var session))
        {
            await session.Transport.DisposeAsync();
            await session.Run;
        }
    }

    private async Task HandleAsync(HttpContext context, StreamableHttpServerTransport transport, JsonRpcMessage message)
    {
        Stream(context);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        try
        {
            if (!await transport.HandlePostRequestAsync(message, context.Response.Body, either.Token))
            {
                context.Response.Headers.ContentType = default;
                context.Response.StatusCode = 202;
            }
        }
        catch (OperationCanceledException)
        {
            // The client has left, or the server ends.
            context.Abort();
        }
    }

    private async Task RunAsync(StreamableHttpServerTransport transport)
    {
        await using var server = McpServer.Create(transport, _options);
        try
        {
            await server.RunAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private static void Stream(HttpContext context)
    {
        context.Response.Headers.ContentType = "text/event-stream";
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
    }
}
