using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AgentStream.Worker.Tools.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>An MCP server that says word for word what a test wants, over stdio and HTTP: what an SDK's server would never send.</summary>
/// <remarks>Over stdio the program that is started is <c>bash</c>, which carries the lines to and from this process.</remarks>
internal sealed class FakeMcpServer : IAsyncDisposable
{
    public const string Newest = "2026-07-28";
    public const string Oldest = "2024-11-05";
    private const string SessionHeader = "Mcp-Session-Id";

    private readonly ConcurrentDictionary<string, Func<string, Task>> _streams = [];
    private readonly ConcurrentDictionary<string, bool> _sessions = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _lines = new(IPAddress.Loopback, 0);
    private WebApplication? _app;
    private Task _accepting = Task.CompletedTask;

    /// <summary>What it speaks, and nothing else.</summary>
    public string Revision { get; init; } = "2025-11-25";

    /// <summary>The items of its list of tools, as JSON.</summary>
    public IReadOnlyList<string> Tools { get; set; } = [];

    /// <summary>Answers a call of any tool with the messages to send, as JSON.</summary>
    public Func<FakeMcpCall, IEnumerable<string>> Call { get; set; } = call => [call.Text("done")];

    /// <summary>Answers a method that it does not know with an empty result rather than an error.</summary>
    public bool KnowsNothing { get; init; }

    /// <summary>Over HTTP: answers a request in one piece of JSON rather than as a stream of events.</summary>
    public bool AnswersAsJson { get; init; }

    /// <summary>How it refuses a request of a session that it does not know: status, type and body.</summary>
    public (int Status, string Type, string Body) Refusal { get; set; } = (404, "text/plain", "Session not found");

    /// <summary>The status for who asks for a stream of the server's own messages.</summary>
    public int StreamStatus { get; init; } = 405;

    /// <summary>Every request, in order: the method and its parameters.</summary>
    public ConcurrentQueue<(string Method, JsonElement Parameters)> Requests { get; } = [];

    public int Calls => Requests.Count(request => request.Method == "tools/call");

    private string Url => _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>Starts it, and says how to reach it.</summary>
    public async Task<McpServerOptions> StartAsync(string transport)
    {
        if (transport == "stdio")
        {
            _lines.Start();
            _accepting = AcceptAsync();
            var options = new McpServerOptions { Command = "bash" };
            options.Arguments.Add("-c");
            options.Arguments.Add($"exec 3<>/dev/tcp/127.0.0.1/{((IPEndPoint)_lines.LocalEndpoint).Port}; cat <&3 & exec cat >&3");
            return options;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/mcp", PostAsync);
        _app.MapGet("/mcp", GetAsync);
        _app.MapDelete("/mcp", context => Task.CompletedTask);
        _app.MapPost("/messages", PostToStreamAsync);
        await _app.StartAsync();
        return new McpServerOptions { Url = Url + "/mcp" };
    }

    /// <summary>As after a restart: no session is known any more.</summary>
    public void Forget() => _sessions.Clear();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _lines.Stop();
        await _accepting;
        if (_app is not null)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _app.StopAsync(patience.Token);
            await _app.DisposeAsync();
        }

        _lines.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync(JsonElement message, Func<string, Task> send)
    {
        if (!message.TryGetProperty("id", out var id))
        {
            return;
        }

        var method = message.GetProperty("method").GetString()!;
        var parameters = message.TryGetProperty("params", out var given) ? given : JsonElement.Parse("{}");
        Requests.Enqueue((method, parameters));
        foreach (var answer in AnswersTo(method, new FakeMcpCall(id.GetRawText(), parameters)))
        {
            await send(answer);
        }
    }

    private IEnumerable<string> AnswersTo(string method, FakeMcpCall call)
    {
        const string Capabilities = """{"tools":{"listChanged":true}}""";
        const string Fresh = "\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\",";
        const string Name = """{"name":"fake","version":"1"}""";
        switch (method)
        {
            case "server/discover" when Revision == Newest:
                return [
                    call.Result(
                        "{" + Fresh
                            + $$"""  "supportedVersions":["{{Newest}}"],"_meta":{"io.modelcontextprotocol/serverInfo":{{Name}} }, """
                            + $$""" "capabilities":{{Capabilities}} """
                            + "}"),
                ];
            case "initialize" when Revision != Newest:
                return [call.Result($$"""{"protocolVersion":"{{Revision}}","capabilities":{{Capabilities}},"serverInfo":{{Name}} }""")];
            case "tools/list":
                return [call.Result("{" + (Revision == Newest ? Fresh : "") + $"\"tools\":[{string.Join(',', Tools)}]" + "}")];
            case "tools/call":
                return Call(call);
            case "subscriptions/listen":
                return [];
            default:
                return [KnowsNothing ? call.Result("{}") : call.Error(-32601, "Method not found")];
        }
    }

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _lines.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream());
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    await AnswerAsync(JsonElement.Parse(line), text =>
                        client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text + "\n"), _stop.Token).AsTask());
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The client has left, or the server ends.
            }
        }
    }

    private async Task PostAsync(HttpContext context)
    {
        if (Revision == Oldest)
        {
            // Streamable HTTP came later.
            context.Response.StatusCode = 405;
            return;
        }

        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var message = body.RootElement;
        var isFirst = message.TryGetProperty("method", out var method) && method.ValueEquals("initialize");
        if (Revision != Newest && !isFirst && !_sessions.ContainsKey(context.Request.Headers[SessionHeader].ToString()))
        {
            Requests.Enqueue(("refused", default));
            // Where the refusal has no words, nobody could tell from it that a session is to be begun.
            var hasWords = Refusal.Body.Length > 0 || context.Request.Headers.ContainsKey(SessionHeader);
            context.Response.StatusCode = hasWords ? Refusal.Status : 400;
            context.Response.ContentType = Refusal.Type;
            await context.Response.WriteAsync(Refusal.Body);
            return;
        }

        if (isFirst)
        {
            var session = Guid.NewGuid().ToString("N");
            _sessions[session] = true;
            context.Response.Headers[SessionHeader] = session;
        }

        if (!message.TryGetProperty("id", out _))
        {
            context.Response.StatusCode = 202;
            return;
        }

        context.Response.ContentType = AnswersAsJson ? "application/json" : "text/event-stream";
        await AnswerAsync(message, text => context.Response.WriteAsync(AnswersAsJson ? text : $"event: message\ndata: {text}\n\n"));
    }

    private async Task GetAsync(HttpContext context)
    {
        if (Revision != Oldest)
        {
            context.Response.StatusCode = StreamStatus;
            return;
        }

        // HTTP with SSE: requests go to an address of their own, answers come here.
        var id = Guid.NewGuid().ToString("N");
        context.Response.ContentType = "text/event-stream";
        _streams[id] = text => context.Response.WriteAsync($"event: message\ndata: {text}\n\n");
        await context.Response.WriteAsync($"event: endpoint\ndata: /messages?sessionId={id}\n\n");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        await Task.WhenAny(Task.Delay(Timeout.Infinite, either.Token));
        _streams.TryRemove(id, out _);
    }

    private async Task PostToStreamAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        if (!_streams.TryGetValue(context.Request.Query["sessionId"].ToString(), out var send))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.StatusCode = 202;
        await AnswerAsync(body.RootElement, send);
    }
}

/// <summary>A request that the fake server is to answer.</summary>
/// <param name="Id">Of the request, as JSON.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record FakeMcpCall(string Id, JsonElement Parameters)
{
    public string Tool => Parameters.GetProperty("name").GetString()!;

    public JsonElement Arguments => Parameters.GetProperty("arguments");

    public string Token => Parameters.GetProperty("_meta").GetProperty("progressToken").GetRawText();

    public string Text(string text) => Result($$"""{"content":[{"type":"text","text":{{JsonSerializer.Serialize(text)}} }]}""");

    public string Result(string json) => $$"""{"jsonrpc":"2.0","id":{{Id}},"result":{{json}} }""";

    public string Error(int code, string message) =>
        $$"""{"jsonrpc":"2.0","id":{{Id}},"error":{"code":{{code}},"message":"{{message}}"} }""";

    public string Progress(string members) =>
        $$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{Token}},{{members}} } }""";
}
