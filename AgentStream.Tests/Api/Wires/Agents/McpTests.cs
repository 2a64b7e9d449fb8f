using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentStream.Tests.Api.Wires.Agents;

/// <summary>MCP as the SDK for .NET speaks it, which is the newest revision, and what both revisions say in detail.</summary>
public sealed class McpTests : IAsyncLifetime
{
    private const string Newest = "2026-07-28";

    private PlayedApi _api = null!;

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync(WireAgents.Install);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Client_OfTheNewestRevision_CallsAnAgentAsATool()
    {
        await using var client = await ConnectAsync();

        var tools = await client.ListToolsAsync();
        var result = await client.CallToolAsync("assistant", new Dictionary<string, object?> { ["message"] = WireScripts.Tools });

        Assert.Equal(Newest, client.NegotiatedProtocolVersion);
        Assert.Equal(["assistant", "researcher"], tools.Select(tool => tool.Name));
        Assert.Equal("It is 20 °C.", TextOf(result));
        Assert.Equal("It is 20 °C.", result.StructuredContent?.GetProperty("answer").GetString());
    }

    [Fact]
    public async Task Stream_OfTheNewestRevision_HasProgressAndNothingToComeBackTo()
    {
        var body = new { name = "assistant", arguments = new { message = WireScripts.Tools } };
        using var response = await SendAsync(_api.Host, "tools/call", body, takesTask: false);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"progressToken\":\"t1\",\"progress\":4,\"message\":\"I need two tools.\"", text, StringComparison.Ordinal);
        Assert.Contains("\"resultType\":\"complete\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("id: ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "It is saved.")]
    [InlineData(false, "It is not saved.")]
    public async Task Call_ThatAsksAPerson_GoesOnWithTheAnswer(bool approved, string answer)
    {
        var options = new McpClientOptions
        {
            Handlers = new McpClientHandlers
            {
                ElicitationHandler = (_, _) => ValueTask.FromResult(new ElicitResult
                {
                    Action = "accept",
                    Content = new Dictionary<string, JsonElement> { ["approved"] = JsonSerializer.SerializeToElement(approved) },
                }),
            },
        };
        await using var client = await ConnectAsync(options);

        var result = await client.CallToolAsync("assistant", new Dictionary<string, object?> { ["message"] = WireScripts.Ask });

        Assert.Equal(answer, TextOf(result));
    }

    [Fact]
    public async Task Conversation_OfASessionId_GoesOn()
    {
        await using var client = await ConnectAsync();
        var first = await client.CallToolAsync("assistant", new Dictionary<string, object?> { ["message"] = "hello" });
        var session = first.StructuredContent!.Value.GetProperty("session_id").GetString()!;

        await client.CallToolAsync("assistant", new Dictionary<string, object?> { ["message"] = "and again", ["session_id"] = session });

        var page = await _api.Host.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{session}");
        Assert.Equal(2, page.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task Task_ThatAsksAPerson_OutlivesItsRequestsAndIsAnswered()
    {
        var created = await AskAsync(_api.Host, "tools/call", new { name = "assistant", arguments = new { message = WireScripts.Ask } });
        var id = created.GetProperty("result").Text("taskId")!;
        Assert.Equal(("task", "working"), (created.GetProperty("result").Text("resultType"), created.GetProperty("result").Text("status")));

        var asking = await UntilAsync(id, "input_required");
        var (call, question) = asking.GetProperty("inputRequests").EnumerateObject().Select(one => (one.Name, one.Value)).Single();
        Assert.Equal("elicitation/create", question.Text("method"));
        await AskAsync(_api.Host, "tasks/update", new
        {
            taskId = id,
            inputResponses = new Dictionary<string, object> { [call] = new { action = "accept", content = new { approved = true } } },
        });

        var done = await UntilAsync(id, "completed");
        Assert.Equal("It is saved.", done.GetProperty("result").GetProperty("content")[0].Text("text"));
    }

    [Fact]
    public async Task Task_Cancelled_IsCancelledForWhoeverAsks()
    {
        await using var quiet = await ApiHost.StartAsync();
        var created = await AskAsync(quiet, "tools/call", new { name = "assistant", arguments = new { message = "hello" } });
        var id = created.GetProperty("result").Text("taskId")!;

        await AskAsync(quiet, "tasks/cancel", new { taskId = id });

        var task = (await AskAsync(quiet, "tasks/get", new { taskId = id })).GetProperty("result");
        Assert.Equal("cancelled", task.Text("status"));
        var unknown = await AskAsync(quiet, "tasks/get", new { taskId = "nothing" });
        Assert.Equal(-32602, unknown.GetProperty("error").Number("code"));
    }

    [Fact]
    public async Task Response_ClosedInTheNewestRevision_CancelsItsCall()
    {
        await using var quiet = await ApiHost.StartAsync();
        var body = new { name = "assistant", arguments = new { message = "hello", session_id = "s1" } };
        using (await SendAsync(quiet, "tools/call", body, takesTask: false))
        {
            await quiet.UntilConnectedAsync();
        }

        Assert.Equal(RunStatus.Cancelled, await EndAsync(quiet, "s1"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("s1")]
    public async Task Cancelled_InARevisionWithSessions_CancelsItsCall(string? sessionId)
    {
        await using var quiet = await ApiHost.StartAsync();
        var session = await InitializeAsync(quiet);
        object arguments = sessionId is null ? new { message = "hello" } : new { message = "hello", session_id = sessionId };
        using var call = await PostAsync(
            quiet, session, new { jsonrpc = "2.0", id = 7, method = "tools/call", @params = new { name = "assistant", arguments } });
        await quiet.UntilConnectedAsync();

        using var cancelled = await PostAsync(
            quiet, session, new { jsonrpc = "2.0", method = "notifications/cancelled", @params = new { requestId = 7 } });

        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.Contains("The run was cancelled.", await call.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfAServerThatGoesAway_GoesOnAtTheNextOne()
    {
        using var directory = new TemporaryDirectory();
        var settings = new Dictionary<string, string?> { ["AgentStream:DataDirectory"] = directory.Path };
        string session, stream;
        await using (var first = await ApiHost.StartAsync(settings))
        {
            session = await InitializeAsync(first);
            using var call = await PostAsync(first, session, new
            {
                jsonrpc = "2.0", id = 7, method = "tools/call", @params = new { name = "assistant", arguments = new { message = "hello" } },
            });
            await first.UntilConnectedAsync();
            await first.StopAsync();
            stream = await call.Content.ReadAsStringAsync();
        }

        Assert.StartsWith("id: ", stream, StringComparison.Ordinal);
        Assert.DoesNotContain("\"id\":7", stream, StringComparison.Ordinal);
        await using var second = await ApiHost.StartAsync(settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        request.Headers.Add("Last-Event-ID", stream.Split('\n')[0]["id: ".Length..]);
        using var resumed = await second.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var run = await second.ClaimAsync();
        await run.CompleteAsync("It is 42.");

        var rest = await resumed.Content.ReadAsStringAsync();
        Assert.Contains("\"id\":7", rest, StringComparison.Ordinal);
        Assert.Contains("\"answer\":\"It is 42.\"", rest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "2025-11-25", "ping", 406, -32600)]
    [InlineData("application/json, text/event-stream", "1999-01-01", "ping", 400, -32022)]
    [InlineData("application/json, text/event-stream", "2025-11-25", "resources/list", 200, -32601)]
    [InlineData("application/json, text/event-stream", "2025-11-25", "tools/call", 200, -32602)]
    [InlineData("application/json, text/event-stream", "2026-07-28", "server/discover", 400, -32602)]
    public async Task Request_ThatIsNotServed_SaysWhy(string accept, string version, string method, int status, int code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = JsonContent.Create(new { jsonrpc = "2.0", id = 1, method, @params = new { name = "nobody" } }),
        };
        request.Headers.Add("Accept", accept);
        request.Headers.Add("MCP-Protocol-Version", version);

        using var response = await _api.Host.Http.SendAsync(request);

        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((status, code), ((int)response.StatusCode, answer.GetProperty("error").Number("code")));
    }

    [Fact]
    public async Task Get_WithoutAnEventToGoOnAfter_IsNotAllowed()
    {
        using var response = await _api.Host.Http.GetAsync("/mcp");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    private Task<McpClient> ConnectAsync(McpClientOptions? options = null)
        => McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(_api.Host.Address, "/mcp") }), options);

    private async Task<JsonElement> UntilAsync(string task, string status)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        while (true)
        {
            var found = (await AskAsync(_api.Host, "tasks/get", new { taskId = task })).GetProperty("result");
            if (found.Text("status") == status)
            {
                return found;
            }

            await Task.Delay(5, patience.Token);
        }
    }

    private static async Task<RunStatus> EndAsync(ApiHost host, string sessionId)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await foreach (var batch in host.Log.FollowAsync(SessionId.Parse(sessionId), new Cursor(null, Offset.Start), patience.Token))
        {
            if (batch.Entries.Select(entry => entry.Event).OfType<RunFinished>().FirstOrDefault() is { } end)
            {
                return end.Status;
            }
        }

        throw new InvalidOperationException("The run has no end.");
    }

    private static async Task<string> InitializeAsync(ApiHost host)
    {
        using var response = await PostAsync(host, session: null, new
        {
            jsonrpc = "2.0", id = 0, method = "initialize",
            @params = new { protocolVersion = "2025-11-25", capabilities = new { }, clientInfo = new { name = "test", version = "1" } },
        });
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    private static async Task<HttpResponseMessage> PostAsync(ApiHost host, string? session, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = JsonContent.Create(body) };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
        }

        return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<JsonElement> AskAsync(ApiHost host, string method, object parameters)
    {
        using var response = await SendAsync(host, method, parameters, takesTask: true);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiHost host, string method, object parameters, bool takesTask)
    {
        var all = JsonSerializer.SerializeToNode(parameters)!.AsObject();
        all["_meta"] = JsonSerializer.SerializeToNode(new Dictionary<string, object>
        {
            ["progressToken"] = "t1",
            ["io.modelcontextprotocol/protocolVersion"] = Newest,
            ["io.modelcontextprotocol/clientCapabilities"] = new
            {
                elicitation = new { },
                extensions = takesTask
                    ? new Dictionary<string, object> { ["io.modelcontextprotocol/tasks"] = new { } }
                    : [],
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = JsonContent.Create(new { jsonrpc = "2.0", id = 1, method, @params = all }),
        };
        request.Headers.Add("Accept", "application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", Newest);
        request.Headers.Add("Mcp-Method", method);
        request.Headers.Add("Mcp-Name", (string?)(all["name"] ?? all["taskId"]));
        return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static string TextOf(CallToolResult result) => Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
}
