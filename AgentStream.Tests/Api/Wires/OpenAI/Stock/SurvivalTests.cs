using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using StandaloneService = AgentStream.Tests.Distributed.Cluster.StandaloneService;

namespace AgentStream.Tests.Api.Wires.OpenAI.Stock;

/// <summary>Runs outlive the processes that served and executed them, on these wires too.</summary>
[SystemTest]
public sealed class SurvivalTests(StockHome home) : IClassFixture<StockHome>
{
    [Fact]
    public async Task Service_KilledInMidAnswer_GoesOnWhereEachClientWas()
    {
        using var plan = new TemporaryDirectory();
        var script = new
        {
            when = "held",
            replies = new object[][] { [new { text = "It " }, new { wait_for_file = "go" }, new { text = "goes on." }] },
        };
        await File.WriteAllTextAsync(plan.File("plan.json"), JsonSerializer.Serialize(new { scripts = new[] { script } }));
        await using var service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")),
            ("AgentStream__Messaging__LeaseDuration", "00:00:03"));
        await service.StartAsync();
        using var http = new HttpClient { BaseAddress = service.Api, Timeout = TestTimeouts.Default };
        var ask = new { model = "assistant", input = "held", stream = true };
        var chat = new { model = "assistant", stream = true, messages = new[] { new { role = "user", content = "held" } } };
        await using var response = await OpenAIStream.OpenAsync(http, HttpMethod.Post, "/v1/responses", ask);
        await using var completion = await OpenAIStream.OpenAsync(http, HttpMethod.Post, "/v1/chat/completions", chat, "k");
        var begun = await response.UntilAsync("\"delta\":\"It \"");
        await completion.NextAsync();

        await service.Process.KillAsync();
        await Assert.ThrowsAnyAsync<IOException>(response.RestAsync);
        await Assert.ThrowsAnyAsync<IOException>(completion.RestAsync);
        await service.StartAsync();
        await File.WriteAllTextAsync(plan.File("go"), "");

        var id = JsonElement.Parse(begun[0]).GetProperty("response").Text("id");
        var number = OpenAIStream.NumberOf(begun[^1]);
        await using var resumed = await OpenAIStream.OpenAsync(
            http, HttpMethod.Get, $"/v1/responses/{id}?stream=true&starting_after={number}");
        await using var again = await OpenAIStream.OpenAsync(http, HttpMethod.Post, "/v1/chat/completions", chat, "k");
        var rest = await resumed.RestAsync();
        Assert.Equal(begun.Count + rest.Count, await CountAsync(http, $"/v1/responses/{id}?stream=true"));
        Assert.Contains(
            "\"status\":\"incomplete\"", rest.First(one => one.Contains("output_item.done", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        var last = JsonElement.Parse(rest[^1]);
        Assert.Equal("response.completed", last.Text("type"));
        Assert.Equal(
            "It goes on.",
            Assert.Single(last.GetProperty("response").GetProperty("output").EnumerateArray()).GetProperty("content")[0].Text("text"));

        var pieces = await again.RestAsync();
        Assert.Equal(OpenAIStream.Done, pieces[^1]);
        Assert.Equal("It goes on.", string.Concat(
            from piece in pieces[..^1]
            select JsonElement.Parse(piece).GetProperty("choices")[0].GetProperty("delta") into delta
            where delta.TryGetProperty("content", out _)
            select delta.Text("content")));
    }

    [Fact]
    public async Task Response_ThatWaitsForAPerson_GoesOnWhenTheyAnswerOverOurApi()
    {
        using var http = new HttpClient { BaseAddress = home.Address, Timeout = TestTimeouts.Default };
        await using var stream = await OpenAIStream.OpenAsync(
            http, HttpMethod.Post, "/v1/responses", new { model = "assistant", input = "Make a note.", stream = true });
        var id = JsonElement.Parse((await stream.NextAsync())!).GetProperty("response").Text("id");
        var message = stream.Response.Headers.Location!;

        // Only what stands in the transcript can be answered; it asks a moment after it began.
        var session = message.OriginalString.Split('?')[0];
        JsonElement run;
        do
        {
            run = await http.GetFromJsonAsync<JsonElement>(message);
        }
        while (!run.TryGetProperty("active_run", out var active) || active.GetProperty("pending_approvals").GetArrayLength() == 0);

        Assert.Equal("in_progress", (await http.GetFromJsonAsync<JsonElement>($"/v1/responses/{id}")).Text("status"));
        var question = run.GetProperty("active_run").GetProperty("pending_approvals")[0].Text("tool_call_id");
        using var answered = await http.PostAsJsonAsync(
            $"{session}/runs/{run.GetProperty("active_run").Text("run_id")}/approvals/{question}", new { approved = true });
        Assert.Equal(HttpStatusCode.NoContent, answered.StatusCode);

        var rest = await stream.RestAsync();
        Assert.Contains("\"type\":\"response.completed\"", rest[^1], StringComparison.Ordinal);
        Assert.Contains("Noted.", rest[^1], StringComparison.Ordinal);
    }

    private static async Task<int> CountAsync(HttpClient http, string path)
    {
        await using var stream = await OpenAIStream.OpenAsync(http, HttpMethod.Get, path);
        return (await stream.RestAsync()).Count;
    }
}
