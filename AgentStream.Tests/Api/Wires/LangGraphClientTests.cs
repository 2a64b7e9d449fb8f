using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires;

/// <summary>The stock client of LangGraph's API, from npm, against the API.</summary>
public sealed class LangGraphClientTests : IAsyncLifetime
{
    private PlayedApi _api = null!;

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    // One process for all of them.
    [NodeTheory]
    [InlineData("langgraph.mjs")]
    public async Task Client_CutAfterEachEvent_ComesBackByItself_AndHasWhatOneHasThatWasNeverCut(string script)
    {
        var turns = WireExpectation.All.Select(one => new
        {
            name = one.Name,
            turns = one.Approves is { } approved ? new object[] { new { say = one.Say }, new { approved } } : [new { say = one.Say }],
            cuts = one.Name is "text" or "tools" or "approved" or "taken back",
        });

        var said = await WireNode.RunAsync(script, new { address = _api.Host.Address, turns });

        foreach (var line in said.SkipLast(1))
        {
            var expected = WireExpectation.Of(line.Text("name")!);
            var how = line.ToString();
            Assert.True(expected.Text == line.Maybe("text"), how);
            Assert.True(expected.Text == line.Maybe("streamed"), how);
            Assert.Equal(
                [.. expected.Thoughts, .. expected.Preambles],
                line.GetProperty("thoughts").EnumerateArray().Select(thought => thought.GetString()));
            Assert.Equal(expected.Calls, line.GetProperty("calls").EnumerateArray().Select(call => call.GetString()));
            Assert.True(line.GetProperty("same").GetBoolean() && line.GetProperty("joined").GetBoolean(), how);
            Assert.Equal(
                (0, expected.Approves is null ? 1 : 2, expected.Say, 1, 1),
                (line.Number("again"), line.Number("ends"), line.Text("question"), line.Number("runs"), line.Number("history")));
            Assert.Equal(7, line.Number("usage"));
            Assert.Equal(
                expected.End switch { "completed" => "success", "failed" => "error", _ => "interrupted" }, line.Text("status"));
            Assert.Equal(
                expected.End switch { "completed" => null, "failed" => "model_error", _ => "UserInterrupt" },
                line.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? error.Text("error") : null);
        }

        var more = said[^1];
        Assert.Equal(
            ["hello", "You said hello.", "you", "You said you."],
            more.GetProperty("forked").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal((1, "interrupted", 409), (more.Number("asked"), more.Text("cancelled"), more.Number("refused")));
    }

    [Fact]
    public async Task Stream_OfAServerThatGoesAway_EndsWithoutAnEnd()
    {
        await using var quiet = await ApiHost.StartAsync();
        using var content = new StringContent(
            """{"assistant_id":"assistant","input":{"messages":[{"type":"human","content":"hello"}]}}""", null, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/threads/t1/runs/stream") { Content = content };
        using var response = await quiet.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await quiet.StopAsync();

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("event: metadata", text, StringComparison.Ordinal);
        Assert.DoesNotContain("event: e", text, StringComparison.Ordinal);
        Assert.EndsWith("/stream?stream_mode=values", response.Headers.Location?.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("/threads/t1/runs/", response.Content.Headers.ContentLocation?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"assistant_id":"assistant","input":null}""", 400)]
    [InlineData("""{"assistant_id":"assistant","input":{"messages":[{"type":"ai","content":"a"}]}}""", 400)]
    [InlineData("""{"assistant_id":"assistant","stream_mode":["messages"],"input":{"messages":"a"}}""", 400)]
    [InlineData("""{"assistant_id":"assistant","command":{"resume":true}}""", 404)]
    public async Task Run_WrittenWrong_IsRefusedWithASentence(string body, int status)
    {
        using var content = new StringContent(body, null, "application/json");

        using var response = await _api.Host.Http.PostAsync("/threads/t1/runs/stream", content);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEmpty(JsonElement.Parse(await response.Content.ReadAsStringAsync()).Text("detail")!);
    }
}
