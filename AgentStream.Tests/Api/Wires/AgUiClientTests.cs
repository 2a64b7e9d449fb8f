using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires;

/// <summary>The stock client of AG-UI, from npm, against the API.</summary>
public sealed class AgUiClientTests : IAsyncLifetime
{
    private PlayedApi _api = null!;

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [NodeTheory]
    [MemberData(nameof(WireExpectation.Names), MemberType = typeof(WireExpectation))]
    public async Task Client_CutAfterEveryEventAndComingBack_HasWhatOneHasThatWasNeverCut(string name)
    {
        var expected = WireExpectation.Of(name);

        var said = await TalkAsync(expected, cutsUpTo: 8);

        var whole = said[0].GetProperty("whole").EnumerateArray().Last();
        Assert.Equal(JsonValueKind.Null, whole.GetProperty("error").ValueKind);
        AssertIs(expected, whole);
        foreach (var cut in said.Where(line => line.TryGetProperty("cutAfter", out _)))
        {
            var last = cut.GetProperty("turns").EnumerateArray().Last();
            var error = last.GetProperty("error");
            Assert.True(error.ValueKind == JsonValueKind.Null, $"{cut.Number("cutAfter")}: {error}");
            AssertIs(expected, last);
        }
    }

    [NodeTheory]
    [MemberData(nameof(WireExpectation.Names), MemberType = typeof(WireExpectation))]
    public async Task Stream_UpToEachOfItsEvents_PassesTheClientsOwnVerifier(string name)
    {
        var said = await TalkAsync(WireExpectation.Of(name), cutsUpTo: 0);

        var verified = said.Where(line => line.TryGetProperty("verified", out _)).ToList();
        Assert.Equal(2, verified.Count);
        Assert.All(verified, line =>
        {
            Assert.Equal(JsonValueKind.Null, line.GetProperty("refused").ValueKind);
            var types = line.GetProperty("verified").EnumerateArray().Select(type => type.GetString()).ToList();
            Assert.Equal("RUN_STARTED", types[0]);
            Assert.Single(types, type => type is "RUN_FINISHED" or "RUN_ERROR");
            Assert.True(types[^1] is "RUN_FINISHED" or "RUN_ERROR");
            Assert.InRange(line.Number("ids"), types.Count - 1, types.Count);
        });
    }

    [NodeTheory]
    [InlineData("assistant")]
    public async Task Approval_WithOtherArguments_RunsWithThese(string agent)
    {
        var said = await RunAsync(agent, new object[]
        {
            new { runId = "r1", say = WireScripts.Ask },
            Resume(true, new { text = "bread" }),
        });

        var last = said[0].GetProperty("whole").EnumerateArray().Last();
        Assert.Equal(["""save_note {"text":"bread"} = saved {"text":"bread"}"""], CallsOf(last.GetProperty("messages")));
    }

    [Fact]
    public async Task Message_WhileARunIsUnderWay_IsRefusedAsBusy()
    {
        await using var quiet = await ApiHost.StartAsync();
        using var first = await PostAsync(quiet, "t1", "r1", "m1", HttpCompletionOption.ResponseHeadersRead);
        using var second = await PostAsync(quiet, "t1", "r2", "m2");

        Assert.Equal(System.Net.HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal("application/json", second.Content.Headers.ContentType?.MediaType);
        Assert.Equal("busy", (await second.Content.ReadFromJsonAsync<JsonElement>()).Text("code"));
    }

    [Fact]
    public async Task Server_ThatGoesAway_EndsTheStreamWithAnError()
    {
        await using var quiet = await ApiHost.StartAsync();
        using var response = await PostAsync(quiet, "t1", "r1", "m1", HttpCompletionOption.ResponseHeadersRead);

        await quiet.StopAsync();

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("\"type\":\"RUN_ERROR\"", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"shutting_down\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_ThatIsErased_EndsTheStreamWithAnError()
    {
        await using var quiet = await ApiHost.StartAsync();
        using var response = await PostAsync(quiet, "t1", "r1", "m1", HttpCompletionOption.ResponseHeadersRead);

        using var erased = await quiet.Http.DeleteAsync("/api/sessions/t1");

        Assert.Contains("\"type\":\"RUN_ERROR\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wire_SwitchedOff_IsNotThere()
    {
        await using var quiet = await ApiHost.StartAsync(new()
        {
            ["AgentStream:Api:Wires:AgUi"] = "false",
            ["AgentStream:Api:Wires:UiMessageStream"] = "false",
        });

        using var response = await PostAsync(quiet, "t1", "r1", "m1");

        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
        Assert.DoesNotContain(quiet.Routes, route => route.Contains("/ag-ui", StringComparison.Ordinal));
        Assert.DoesNotContain(quiet.Routes, route => route.Contains("/api/chat", StringComparison.Ordinal));
    }

    private static object Resume(bool approved, object? editedArgs = null)
        => new { runId = "r2", answers = new { approved, editedArgs } };

    private static async Task<HttpResponseMessage> PostAsync(
        ApiHost host, string thread, string run, string message, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ag-ui/assistant")
        {
            Content = JsonContent.Create(new
            {
                threadId = thread,
                runId = run,
                messages = new[] { new { id = message, role = "user", content = "hello" } },
                tools = Array.Empty<object>(),
                context = Array.Empty<object>(),
            }),
        };
        return await host.Http.SendAsync(request, until);
    }

    private Task<List<JsonElement>> TalkAsync(WireExpectation expected, int cutsUpTo)
    {
        object[] turns = [new { runId = "r1", say = expected.Say }];
        return RunAsync("assistant", expected.Approves is { } approves ? [.. turns, Resume(approves)] : turns, cutsUpTo);
    }

    private Task<List<JsonElement>> RunAsync(string agent, object[] turns, int cutsUpTo = 0)
        => WireNode.RunAsync("ag-ui.mjs", new { address = _api.Host.Address, agent, turns, cutsUpTo });

    private static void AssertIs(WireExpectation expected, JsonElement turn)
    {
        var messages = turn.GetProperty("messages");
        Assert.Equal(
            [.. expected.Thoughts, .. expected.Preambles, .. expected.InnerThoughts],
            ContentsOf(messages, "reasoning").Where(text => text.Length > 0));
        Assert.Equal(
            new[] { expected.Text },
            ContentsOf(messages, "assistant").Where(text => text.Length > 0));
        Assert.Equal(expected.Calls.Concat(expected.InnerCalls).Order(StringComparer.Ordinal), CallsOf(messages));
        Assert.Equal(expected.Say, ContentsOf(messages, "user").Single());
        var last = turn.GetProperty("last");
        Assert.Equal(
            expected.End switch { "completed" => "success", "cancelled" => "cancelled", _ => "RUN_ERROR" },
            last.TryGetProperty("outcome", out var outcome) ? outcome.Text("type") : last.Text("type"));
        if (expected.End == "failed")
        {
            Assert.Equal(("model_error", "The model is gone: try again."), (last.Text("code"), last.Text("message")));
        }
        else
        {
            Assert.Equal(7, last.GetProperty("usage")[0].Number("totalTokens"));
        }
    }

    private static IEnumerable<string> ContentsOf(JsonElement messages, string role)
        => messages.EnumerateArray().Where(message => message.Text("role") == role).Select(message => message.Maybe("content") ?? "");

    private static IEnumerable<string> CallsOf(JsonElement messages)
        => (from message in messages.EnumerateArray()
            where message.TryGetProperty("toolCalls", out _)
            from call in message.GetProperty("toolCalls").EnumerateArray()
            let function = call.GetProperty("function")
            let result = messages.EnumerateArray().Single(one => one.Maybe("toolCallId") == call.Text("id"))
            select $"{function.Text("name")} {function.Text("arguments")} = {result.Text("content")}").Order(StringComparer.Ordinal);
}
