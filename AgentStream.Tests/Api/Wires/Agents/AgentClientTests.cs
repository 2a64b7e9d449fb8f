using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires.Agents;

/// <summary>The stock clients of MCP and of A2A, from npm, against the API.</summary>
public sealed class AgentClientTests : IAsyncLifetime
{
    private PlayedApi _api = null!;

    public async Task InitializeAsync() => _api = await PlayedApi.StartAsync(WireAgents.Install);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [NodeTheory]
    [InlineData(6)]
    public async Task Client_CutAfterEveryEventAndComingBack_HasWhatOneHasThatWasNeverCut(int cutsUpTo)
    {
        var runs = WireExpectation.All.Select(one => new { name = one.Name, say = one.Say, approves = one.Approves });

        var said = await WireNode.RunAsync("agents.mjs", new { address = _api.Host.Address, runs, cutsUpTo });

        Assert.Equal(WireExpectation.All.Count * 2 * (cutsUpTo + 1), said.Count);
        Assert.All(said.Where(one => one.Text("wire") == "mcp"), AssertIsMcp);
        Assert.All(said.Where(one => one.Text("wire") == "a2a"), AssertIsA2A);
        foreach (var whole in said.Where(one => one.Text("wire") == "mcp" && one.Number("cutAfter") == 0))
        {
            // Nothing is told twice, and nothing is left out.
            var same = said.Where(one => one.Text("wire") == "mcp" && one.Text("name") == whole.Text("name"));
            Assert.All(same, cut => Assert.Equal(LinesOf(whole), LinesOf(cut)));
        }
    }

    private static void AssertIsMcp(JsonElement call)
    {
        var expected = WireExpectation.Of(call.Text("name")!);
        Assert.Equal(["assistant", "researcher"], Texts(call.GetProperty("tools")));
        var text = expected.End switch
        {
            "completed" => expected.Text,
            "cancelled" => "The run was cancelled.",
            _ => "The model is gone: try again.",
        };
        Assert.Equal([text], Texts(call.GetProperty("text")));
        Assert.Equal(expected.End != "completed", call.GetProperty("isError").GetBoolean());
        Assert.Equal(expected.Text, call.GetProperty("fields").Text("answer"));
        Assert.NotEmpty(call.GetProperty("fields").Text("session_id")!);
        Assert.InRange(call.Number("asked"), expected.Approves is null ? 0 : 1, expected.Approves is null ? 0 : 2);

        var progress = call.GetProperty("progress").EnumerateArray().Select(one => one.GetInt64()).ToList();
        Assert.Equal(progress.Distinct().Order(), progress);
        var lines = LinesOf(call);
        Assert.All([.. expected.Thoughts, .. expected.Preambles], thought => Assert.Contains(thought, lines));
        Assert.All(expected.InnerThoughts, thought => Assert.Contains($"researcher: {thought}", lines));
        Assert.All(
            expected.Calls.Select(one => one[..one.IndexOf(' ')]),
            tool => Assert.Contains(lines, line => line!.StartsWith(tool, StringComparison.Ordinal)));
    }

    private static void AssertIsA2A(JsonElement task)
    {
        var expected = WireExpectation.Of(task.Text("name")!);
        Assert.Equal([expected.Text], Texts(task.GetProperty("text")));
        if (task.Maybe("over") is { } over)
        {
            Assert.Equal("UnsupportedOperationError", over);
        }
        else
        {
            Assert.Equal(expected.Text, task.Text("answer"));
        }

        Assert.Equal(expected.End switch { "completed" => 3, "failed" => 4, _ => 5 }, task.Number("state"));
        Assert.Equal(expected.End == "failed" ? "The model is gone: try again." : null, task.Maybe("error"));
        Assert.Equal(expected.Approves is not null, task.TryGetProperty("question", out _));
        var said = task.GetProperty("said").EnumerateArray().ToList();
        Assert.Equal(expected.Say, said[0].Text("value"));
        Assert.Equal(
            [.. expected.Thoughts, .. expected.Preambles, .. expected.InnerThoughts],
            said.Where(one => one.Maybe("type") == "thought").Select(one => one.Text("value")));
        var results = said.Where(one => one.Maybe("type") == "tool_result").Select(one => one.GetProperty("value")).ToList();
        Assert.Equal(
            expected.Calls.Concat(expected.InnerCalls).Order(StringComparer.Ordinal),
            said.Where(one => one.Maybe("type") == "tool_use").Select(one => one.GetProperty("value")).Select(call =>
            {
                var result = results.Single(one => one.Text("toolCallId") == call.Text("toolCallId"));
                return $"{call.Text("toolName")} {call.GetProperty("arguments").GetRawText()} = {result.Text("content")}";
            }).Order(StringComparer.Ordinal));
        if (expected.End != "failed")
        {
            Assert.Equal(7, task.GetProperty("usage").Number("totalTokens"));
        }
    }

    private static List<string?> LinesOf(JsonElement call) => Texts(call.GetProperty("lines"));

    private static List<string?> Texts(JsonElement array) => [.. array.EnumerateArray().Select(one => one.GetString())];
}
