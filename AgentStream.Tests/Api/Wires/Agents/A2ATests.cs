using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Access;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.Agents;

/// <summary>What A2A says in detail.</summary>
public sealed class A2ATests : IAsyncLifetime
{
    private PlayedApi _api = null!;

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync(WireAgents.Install);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Cards_OfAgents_LeadToThem()
    {
        var first = await _api.Host.Http.GetFromJsonAsync<JsonElement>("/.well-known/agent-card.json");
        var other = await _api.Host.Http.GetFromJsonAsync<JsonElement>("/a2a/researcher/.well-known/agent-card.json");
        using var nobody = await _api.Host.Http.GetAsync("/a2a/nobody/.well-known/agent-card.json");

        Assert.Equal("assistant", first.Text("name"));
        Assert.Equal(
            (new Uri(_api.Host.Address, "/a2a/researcher").ToString(), "JSONRPC", "1.0"),
            (InterfaceOf(other).Text("url"), InterfaceOf(other).Text("protocolBinding"), InterfaceOf(other).Text("protocolVersion")));
        Assert.True(other.GetProperty("capabilities").GetProperty("streaming").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task Message_NotStreamed_IsAnsweredWhenTheTaskIsOverOrAsks()
    {
        var done = await SendAsync(_api.Host, "m1", "hello");
        var asks = await SendAsync(_api.Host, "m2", WireScripts.Ask);

        Assert.Equal("TASK_STATE_COMPLETED", StateOf(done));
        Assert.Equal("You said hello.", done.GetProperty("artifacts")[0].GetProperty("parts")[0].Text("text"));
        Assert.Equal("TASK_STATE_INPUT_REQUIRED", StateOf(asks));

        var unclear = await AskAsync(_api.Host, "SendMessage", MessageOf("m3", "perhaps", asks.Text("id")));
        Assert.Equal(-32602, unclear.GetProperty("error").Number("code"));
        var refused = await AskAsync(_api.Host, "SendMessage", MessageOf("m4", "No.", asks.Text("id")));
        var task = refused.GetProperty("result").GetProperty("task");
        Assert.Equal("It is not saved.", task.GetProperty("artifacts")[0].GetProperty("parts")[0].Text("text"));
    }

    [Fact]
    public async Task Message_SentTwice_BeginsOneTask()
    {
        var first = await SendAsync(_api.Host, "m1", "hello");
        var again = await SendAsync(_api.Host, "m1", "hello");

        Assert.Equal(first.Text("id"), again.Text("id"));
    }

    [Fact]
    public async Task Task_Cancelled_IsCanceledAndCanNotBeFollowed()
    {
        await using var quiet = await ApiHost.StartAsync();
        var asked = await AskAsync(
            quiet, "SendMessage", MessageOf("m1", "hello", returnImmediately: true));
        var id = asked.GetProperty("result").GetProperty("task").Text("id")!;

        var cancelled = await AskAsync(quiet, "CancelTask", new { id });

        Assert.Equal("TASK_STATE_CANCELED", StateOf(cancelled.GetProperty("result")));
        var followed = await AskAsync(quiet, "SubscribeToTask", new { id });
        Assert.Equal(-32004, followed.GetProperty("error").Number("code"));
    }

    [Theory]
    [InlineData("GetTask", "1.0", -32001)]
    [InlineData("CancelTask", "1.0", -32001)]
    [InlineData("GetTask", "0.3", -32009)]
    [InlineData("CreateTaskPushNotificationConfig", "1.0", -32003)]
    [InlineData("ListTasks", "1.0", -32004)]
    [InlineData("message/send", "1.0", -32601)]
    public async Task Request_ThatIsNotServed_SaysWhy(string method, string version, int code)
    {
        var answer = await AskAsync(_api.Host, method, new { id = "nothing" }, version);

        Assert.Equal(code, answer.GetProperty("error").Number("code"));
    }

    [Fact]
    public async Task Task_OfSomebodyElse_IsNotThereOnAnyWire()
    {
        await using var guarded = await GuardedApi.StartAsync();
        var owner = await guarded.KeyAsync("owner");
        var other = await guarded.KeyAsync("other");
        var body = new
        {
            jsonrpc = "2.0",
            id = 1,
            method = "SendMessage",
            @params = MessageOf("m1", "hello", returnImmediately: true),
        };
        using var asked = await guarded.SendAsync(HttpMethod.Post, "/a2a/assistant", owner, body);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("result").GetProperty("task").Text("id")!;
        var get = new { jsonrpc = "2.0", id = 1, method = "GetTask", @params = new { id } };

        using var own = await guarded.SendAsync(HttpMethod.Post, "/a2a/assistant", owner, get);
        using var theirs = await guarded.SendAsync(HttpMethod.Post, "/a2a/assistant", other, get);
        using var resumed = await guarded.SendAsync(
            HttpMethod.Get, "/mcp", other, headers: headers => headers.Add("Last-Event-ID", $"{id}.1.Nw."));

        Assert.Equal("TASK_STATE_SUBMITTED", StateOf((await own.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("result")));
        Assert.Equal(-32001, (await theirs.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").Number("code"));
        Assert.Equal(HttpStatusCode.NotFound, resumed.StatusCode);
    }

    private static object MessageOf(string messageId, string text, string? taskId = null, bool returnImmediately = false) => new
    {
        message = new { messageId, role = "ROLE_USER", taskId, parts = new[] { new { text } } },
        configuration = new { returnImmediately },
    };

    private static async Task<JsonElement> SendAsync(ApiHost host, string messageId, string text)
        => (await AskAsync(host, "SendMessage", MessageOf(messageId, text))).GetProperty("result").GetProperty("task");

    private static async Task<JsonElement> AskAsync(ApiHost host, string method, object parameters, string version = "1.0")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/a2a/assistant")
        {
            Content = JsonContent.Create(new { jsonrpc = "2.0", id = 1, method, @params = parameters }),
        };
        request.Headers.Add("A2A-Version", version);
        using var response = await host.Http.SendAsync(request);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static JsonElement InterfaceOf(JsonElement card) => card.GetProperty("supportedInterfaces")[0];

    private static string? StateOf(JsonElement task) => task.GetProperty("status").Text("state");
}
