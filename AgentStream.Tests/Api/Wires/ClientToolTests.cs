using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires;

/// <summary>A run that has its caller execute calls, over our own wire and over those of others with their stock clients.</summary>
public sealed class ClientToolTests : IAsyncLifetime
{
    private static readonly object[] Tools = [new { name = "weather", parameters = new { type = "object" } }, new { name = "news" }];

    private PlayedApi _api = null!;

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    // One process for all of them: starting it takes longer than what it does.
    [NodeTheory]
    [InlineData("client-tools.mjs")]
    public async Task Clients_WithToolsOfTheirOwn_HaveTheSameOverEachWire(string script)
    {
        var expected = WireExpectation.Client;

        var said = await WireNode.RunAsync(script, new { address = _api.Host.Address, question = expected.Say });

        Assert.Equal(13, said.Count);
        Assert.All(said, line =>
        {
            Assert.Equal(expected.Text, line.Maybe("text"));
            Assert.Equal(expected.Calls, line.GetProperty("calls").EnumerateArray().Select(call => call.GetString()));
        });
        Assert.All(Of(said, "ag-ui "), line => Assert.Equal(
            (expected.Preambles[0], 0), (line.Text("thought"), line.Number("asked"))));
        Assert.All(Of(said, "ui "), line => Assert.Equal("ready", line.Text("status")));
        Assert.All(Of(said, "chat "), line => Assert.Equal(
            (expected.Preambles[0], expected.Text, """["tool_calls","stop"]""", 5),
            (line.Text("thought"), line.Text("again"), line.GetProperty("finish").GetRawText(), line.Number("tokens"))));
        Assert.All(Of(said, "responses "), line => Assert.Equal(
            (expected.Preambles[0], """["completed","completed"]""", 400, "You said hello.", true),
            (line.Text("thought"), line.GetProperty("status").GetRawText(), line.Number("unanswered"), line.Text("later"),
                line.GetProperty("differ").GetBoolean())));
    }

    [Fact]
    public async Task Result_FromAnotherConnection_GoesIntoTheRunOnceAndNoLeaveTakesItsPlace()
    {
        await using var client = await _api.Host.ConnectAsync("/ws/chat/s1");
        var run = await _api.Host.PostAsync("s1", WireScripts.Client, tools: Tools);
        var first = (await client.UntilAsync("tool_approval_required"))[^1].Data();
        var second = (await client.NextAsync("tool_approval_required")).Data();
        var path = $"/api/sessions/s1/runs/{run}";
        Assert.True(first.GetProperty("client_tool").GetBoolean());

        using var leave = await _api.Host.Http.PostAsJsonAsync(
            $"{path}/approvals/{first.Text("tool_call_id")}", new { approved = true });
        var results = $"{path}/results/{first.Text("tool_call_id")}";
        using var wrong = await _api.Host.Http.PostAsJsonAsync(results, new { result = (string?)null });
        using var given = await _api.Host.Http.PostAsJsonAsync(results, new { result = "20 °C" });
        using var again = await _api.Host.Http.PostAsJsonAsync(results, new { result = "30 °C" });
        await client.SendAsync(JsonSerializer.Serialize(new
        {
            type = "tool_result",
            payload = new { run_id = run.Value, tool_call_id = second.Text("tool_call_id"), result = "no news", is_error = true },
        }));
        var resolved = (await client.UntilAsync("run_finished"))
            .Where(frame => frame.Text("type") == "tool_approval_resolved").Select(frame => frame.Data()).ToList();

        await Problems.AssertAsync(leave, "invalid_option");
        await Problems.AssertAsync(wrong, "invalid_option");
        Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
        await Problems.AssertAsync(again, "already_answered");
        Assert.Equal(["20 °C", "no news"], resolved.Select(one => one.Text("result")));
        Assert.True(resolved[1].GetProperty("is_error").GetBoolean());
    }

    [Theory]
    [InlineData("""[{"name":"a b"}]""")]
    [InlineData("""[{"name":"a"},{"name":"a"}]""")]
    [InlineData("""[{"description":"nameless"}]""")]
    [InlineData("""[{"name":"a","parameters":[]}]""")]
    [InlineData("[null]")]
    public async Task Tools_WrittenWrong_AreRefused(string tools)
    {
        using var response = await _api.Host.Http.PostAsJsonAsync(
            "/api/sessions/s1/messages", new { message = "hello", tools = JsonElement.Parse(tools) });

        await Problems.AssertAsync(response, "invalid_option");
    }

    private static IEnumerable<JsonElement> Of(IEnumerable<JsonElement> said, string how)
        => said.Where(line => line.Text("how")!.StartsWith(how, StringComparison.Ordinal));
}
