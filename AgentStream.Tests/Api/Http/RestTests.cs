using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Api.Http;

public sealed class RestTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(new() { ["AgentStream:Messaging:MaxQueuedRuns"] = "300" });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task PostMessage_IsAcceptedWithTheAddressOfWhatBecomesOfIt()
    {
        using var response = await _host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "hello", message_id = "m1" });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("s1", answer.Text("session_id"));
        Assert.Equal("m1", answer.Text("message_id"));
        Assert.Equal(1, answer.Number("seq"));
        Assert.False(answer.GetProperty("duplicate").GetBoolean());

        await (await _host.ClaimAsync()).CompleteAsync("hi");
        var transcript = await _host.Http.GetFromJsonAsync<JsonElement>(response.Headers.Location);
        var message = Assert.Single(transcript.GetProperty("messages").EnumerateArray());
        Assert.Equal(answer.Text("run_id"), message.Text("run_id"));
        Assert.Equal("completed", message.Text("status"));
    }

    [Fact]
    public async Task PostMessage_ThatWaits_AnswersWithAnswerStepsAndUsage()
    {
        var asking = _host.Http.PostAsJsonAsync("/api/sessions/s1/messages?wait=true", new { message = "hello", message_id = "m1" });
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await run.AppendAsync(ScriptedRun.Step(run.NewStep(), StepType.Thought, "hm"));
        await run.AnswerAsync(run.NewStep(), "hi");
        await run.FinishAsync();

        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("completed", answer.Text("status"));
        Assert.Equal("hi", answer.Text("answer"));
        Assert.Equal(run.RunId.Value, answer.Text("run_id"));
        var steps = answer.GetProperty("steps");
        Assert.Equal(["thought", "final_answer"], steps.EnumerateArray().Select(step => step.Text("type")));
        Assert.Equal(1_700_000_000.5, steps[0].GetProperty("timestamp").GetDouble());
        Assert.Equal(7, answer.GetProperty("usage").Number("total_tokens"));
        Assert.Equal("scripted", answer.Text("model"));

        // The same message again, long after: the same answer, and nothing runs.
        using var again = await _host.Http.PostAsJsonAsync(
            "/api/sessions/s1/messages?wait=true", new { message = "hello", message_id = "m1" });
        var repeated = await again.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(repeated.GetProperty("duplicate").GetBoolean());
        Assert.Equal("hi", repeated.Text("answer"));
    }

    [Theory]
    [InlineData(RunStatus.Failed, "failed")]
    [InlineData(RunStatus.Completed, "completed")]
    public async Task PostMessage_ThatWaits_SaysHowTheRunEnded(RunStatus status, string word)
    {
        var asking = _host.Http.PostAsJsonAsync("/api/sessions/s1/messages?wait=true", new { message = "hello" });
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await run.FinishAsync(status, status == RunStatus.Failed ? "The model said no." : null);

        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(word, answer.Text("status"));
        Assert.False(answer.TryGetProperty("answer", out _));
        Assert.Equal(status == RunStatus.Failed, answer.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task PostMessage_ThatWaits_AndIsLeft_CancelsNothing()
    {
        using var leaving = new CancellationTokenSource();
        var asking = _host.Http.PostAsJsonAsync("/api/sessions/s1/messages?wait=true", new { message = "hello" }, leaving.Token);
        var run = await _host.ClaimAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        await run.CompleteAsync("hi");
        var transcript = await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions/s1");
        Assert.Equal("completed", transcript.GetProperty("messages")[0].Text("status"));
    }

    [Fact]
    public async Task PostMessage_ThatWaits_WhenTheSessionIsErased_Says404()
    {
        var asking = _host.Http.PostAsJsonAsync("/api/sessions/s1/messages?wait=true", new { message = "hello" });
        await _host.ClaimAsync();
        using var erased = await _host.Http.DeleteAsync("/api/sessions/s1");
        using var response = await asking;
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await Problems.AssertAsync(response, "session_not_found");
    }

    [Fact]
    public async Task PostMessage_ThatWaits_WhenTheServerStops_IsToldToAskAgain()
    {
        var asking = _host.Http.PostAsJsonAsync("/api/sessions/s1/messages?wait=true", new { message = "hello" });
        await _host.ClaimAsync();
        var stopping = _host.StopAsync();
        using var response = await asking;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        await Problems.AssertAsync(response, "shutting_down");
        await stopping;
    }

    [Theory]
    [InlineData("{", "invalid_json", HttpStatusCode.BadRequest)]
    [InlineData("", "invalid_json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "invalid_frame", HttpStatusCode.BadRequest)]
    [InlineData("""{"message":1}""", "invalid_frame", HttpStatusCode.BadRequest)]
    [InlineData("{}", "invalid_message", HttpStatusCode.BadRequest)]
    [InlineData("""{"message":"m","on_busy":"x"}""", "invalid_option", HttpStatusCode.BadRequest)]
    public async Task PostMessage_ThatCannotBeUsed_IsAProblemWithTheSocketsCode(string body, string code, HttpStatusCode status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _host.Http.PostAsync("/api/sessions/s1/messages", content);
        Assert.Equal(status, response.StatusCode);
        await Problems.AssertAsync(response, code);
    }

    [Fact]
    public async Task PostMessage_UnderAUsedId_IsAConflict()
    {
        await _host.PostAsync("s1", "hello", "m1");
        using var response = await _host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "else", message_id = "m1" });
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        await Problems.AssertAsync(response, "conflict");
    }

    [Fact]
    public async Task PostMessage_InPlaceOfARunThatIsNotThere_IsRefused()
    {
        await _host.PostAsync("s1", "hello");
        using var response = await _host.Http.PostAsJsonAsync(
            "/api/sessions/s1/messages", new { message = "else", replaces_run_id = "doesnotexist" });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await Problems.AssertAsync(response, "unknown_run");
    }

    [Fact]
    public async Task PostMessage_AsAFormOfAnyPage_IsRefused()
    {
        using var form = new StringContent("""{"message":"m"}""", Encoding.UTF8, "text/plain");
        using var response = await _host.Http.PostAsync("/api/sessions/s1/messages", form);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        await Problems.AssertAsync(response, "unsupported_media_type");
    }

    [Fact]
    public async Task PostMessage_LargerThanAFrame_Is413()
    {
        using var response = await _host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = new string('x', 2 << 20) });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await Problems.AssertAsync(response, "body_too_large");
    }

    [Fact]
    public async Task PostMessage_InChunksLargerThanAFrame_Is413AndNoErrorOfTheServer()
    {
        using var logs = new CollectedLogs();
        await using var host = await ApiHost.StartAsync(logs: logs);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sessions/s1/messages")
        {
            Content = JsonContent.Create(new { message = new string('x', 2 << 20) }),
        };
        request.Headers.TransferEncodingChunked = true;
        using (var response = await host.Http.SendAsync(request))
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            await Problems.AssertAsync(response, "body_too_large");
        }

        await host.StopAsync();
        Assert.Empty(logs.At(LogLevel.Error));
    }

    [Theory]
    [InlineData("POST", "/api/sessions/s1/runs/r1/cancel")]
    [InlineData("DELETE", "/api/sessions/s1")]
    [InlineData("GET", "/api/sessions")]
    public async Task Request_OfAForeignPage_IsRefused(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", "http://evil.example");
        using var response = await _host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await Problems.AssertAsync(response, "origin_not_allowed");
    }

    [Fact]
    public async Task Preflight_OfTheOwnPage_IsAnswered_AndOfAForeignOneIsNot()
    {
        using var own = await PreflightAsync("http://localhost:7860");
        Assert.Equal("http://localhost:7860", own.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("DELETE", own.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        using var foreign = await PreflightAsync("http://evil.example");
        Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Problem_ForTheOwnPage_CanBeReadByIt()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/nobody");
        request.Headers.Add("Origin", "http://localhost:7860");
        using var response = await _host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("http://localhost:7860", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Cancel_OfAQueuedRun_SaysCancelled_AndOfAFinishedOneConflicts()
    {
        var runId = await _host.PostAsync("s1", "hello");
        using var cancelled = await _host.Http.PostAsync($"/api/sessions/s1/runs/{runId}/cancel", null);
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        var answer = await cancelled.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("cancelled", answer.Text("status"));
        Assert.Equal(runId.Value, answer.Text("run_id"));

        using var again = await _host.Http.PostAsync($"/api/sessions/s1/runs/{runId}/cancel", null);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        await Problems.AssertAsync(again, "nothing_to_cancel");
        using var unknown = await _host.Http.PostAsync("/api/sessions/s1/runs/nobody/cancel", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        await Problems.AssertAsync(unknown, "unknown_run");
    }

    [Fact]
    public async Task Cancel_OfARunningRun_SaysRequested()
    {
        var runId = await _host.PostAsync("s1", "hello");
        await _host.ClaimAsync();
        using var response = await _host.Http.PostAsync($"/api/sessions/s1/runs/{runId}/cancel", null);
        Assert.Equal("requested", (await response.Content.ReadFromJsonAsync<JsonElement>()).Text("status"));
    }

    [Fact]
    public async Task Approval_OfNothing_Is404()
    {
        using var response = await _host.Http.PostAsJsonAsync("/api/sessions/s1/runs/r1/approvals/c1", new { approved = true });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await Problems.AssertAsync(response, "no_such_approval");
    }

    [Theory]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound, "not_found")]
    [InlineData("GET", "/api/sessions/s1/runs/r1/cancel", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    [InlineData("PUT", "/api/sessions/s1", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    [InlineData("GET", "/api/sessions/a%20b", HttpStatusCode.BadRequest, "invalid_id")]
    [InlineData("POST", "/api/sessions/s1/runs/a.b/cancel", HttpStatusCode.BadRequest, "invalid_id")]
    [InlineData("GET", "/api/sessions/nobody", HttpStatusCode.NotFound, "session_not_found")]
    [InlineData("DELETE", "/api/sessions/nobody", HttpStatusCode.NotFound, "session_not_found")]
    [InlineData("GET", "/api/sessions/nobody/export", HttpStatusCode.NotFound, "session_not_found")]
    [InlineData("GET", "/api/sessions/s1/export?format=pdf", HttpStatusCode.BadRequest, "invalid_option")]
    [InlineData("GET", "/api/sessions?limit=0", HttpStatusCode.BadRequest, "invalid_option")]
    [InlineData("GET", "/api/sessions?limit=many", HttpStatusCode.BadRequest, "invalid_option")]
    [InlineData("GET", "/api/sessions?page_token=%ff%00bad", HttpStatusCode.BadRequest, "invalid_option")]
    [InlineData("GET", "/api/sessions/s1?before=-1", HttpStatusCode.BadRequest, "invalid_option")]
    public async Task Request_ThatCannotBeServed_IsAProblemWithAStableType(string method, string path, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _host.Http.SendAsync(request);
        Assert.Equal(status, response.StatusCode);
        await Problems.AssertAsync(response, code);
    }

    [Fact]
    public async Task StoreAway_IsAProblemThatSaysWhenToComeBack()
    {
        _host.Store.Cut();
        using var response = await _host.Http.GetAsync("/api/sessions");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        await Problems.AssertAsync(response, "store_unavailable");
        using var post = await _host.Http.PostAsJsonAsync("/api/sessions/s1/messages", new { message = "m" });
        await Problems.AssertAsync(post, "store_unavailable");
    }

    [Theory]
    [InlineData("gzip, deflate", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    public async Task Agents_ForWhoTakesIt_AreCompressed(string accepted, bool isCompressed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/agents");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);

        using var response = await _host.Http.SendAsync(request);

        Assert.Equal(isCompressed, response.Content.Headers.ContentEncoding.Contains("gzip"));
        var body = await response.Content.ReadAsStreamAsync();
        await using var whole = isCompressed ? new GZipStream(body, CompressionMode.Decompress) : body;
        using var agents = await JsonDocument.ParseAsync(whole);
        Assert.Equal(JsonValueKind.Array, agents.RootElement.ValueKind);
    }

    [Fact]
    public async Task Sessions_AreListedByPagesAndFoundByTitle()
    {
        foreach (var number in Enumerable.Range(1, 5))
        {
            await _host.PostAsync($"s{number}", $"question {number}");
        }

        using var renamed = await _host.Http.PatchAsJsonAsync("/api/sessions/s2", new { title = "  Größen und Maße " });
        Assert.Equal("Größen und Maße", (await renamed.Content.ReadFromJsonAsync<JsonElement>()).Text("title"));

        var seen = new List<string>();
        var path = "/api/sessions?limit=2";
        for (var more = true; more;)
        {
            var page = await _host.Http.GetFromJsonAsync<JsonElement>(path);
            seen.AddRange(page.GetProperty("sessions").EnumerateArray().Select(session => session.Text("session_id")!));
            more = page.TryGetProperty("next", out var next);
            path = more ? $"/api/sessions?limit=2&page_token={Uri.EscapeDataString(next.GetString()!)}" : path;
        }

        Assert.Equal(["s1", "s2", "s3", "s4", "s5"], seen.Order());
        var found = await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions?search=gr%C3%B6%C3%9Fen");
        var session = Assert.Single(found.GetProperty("sessions").EnumerateArray());
        Assert.Equal("s2", session.Text("session_id"));
        Assert.Equal("Größen und Maße", session.Text("title"));
        Assert.True(session.GetProperty("busy").GetBoolean());
        Assert.Equal("queued", session.Text("state"));
        Assert.Equal(JsonValueKind.Number, session.GetProperty("updated_at").ValueKind);
    }

    [Theory]
    [InlineData("""{"title":""}""", "invalid_option")]
    [InlineData("""{}""", "invalid_option")]
    [InlineData("""{"title":1}""", "invalid_frame")]
    public async Task Rename_WithoutATitle_IsRefused(string body, string code)
    {
        await _host.PostAsync("s1", "hello");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _host.Http.PatchAsync("/api/sessions/s1", content);
        await Problems.AssertAsync(response, code);
    }

    [Fact]
    public async Task Transcript_IsReadByPagesFromTheEnd()
    {
        for (var number = 1; number <= 5; number++)
        {
            await _host.PostAsync("s1", $"question {number}");
            await (await _host.ClaimAsync()).CompleteAsync($"answer {number}");
        }

        var newest = await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions/s1?limit=2");
        Assert.Equal(["question 4", "question 5"], Messages(newest));
        Assert.True(newest.GetProperty("has_more").GetBoolean());
        var before = newest.GetProperty("messages")[0].Number("seq");
        var older = await _host.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/s1?limit=3&before={before}");
        Assert.Equal(["question 1", "question 2", "question 3"], Messages(older));
        Assert.False(older.GetProperty("has_more").GetBoolean());

        static IEnumerable<string?> Messages(JsonElement page)
            => page.GetProperty("messages").EnumerateArray().Select(message => message.Text("message"));
    }

    [Fact]
    public async Task Erase_RemovesTheSession()
    {
        await _host.PostAsync("s1", "hello");
        using var erased = await _host.Http.DeleteAsync("/api/sessions/s1");
        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        using var gone = await _host.Http.GetAsync("/api/sessions/s1");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Export_IsTheWholeTranscriptAsAFile()
    {
        for (var number = 1; number <= 230; number++)
        {
            await _host.PostAsync("s1", $"question {number}");
        }

        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await run.AppendAsync(ScriptedRun.Step(run.NewStep(), StepType.ToolResult, "a ``` fence") with
        {
            ToolName = "calculator",
            ToolCallId = ToolCallId.Create(run.RunId, 1, 0),
        });
        await run.AnswerAsync(run.NewStep(), "answer 1");
        await run.FinishAsync();

        using var json = await _host.Http.GetAsync("/api/sessions/s1/export?format=json");
        Assert.Equal("agentstream-s1.json", json.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        Assert.Equal("attachment", json.Content.Headers.ContentDisposition?.DispositionType);
        var transcript = await json.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(
            Enumerable.Range(1, 230).Select(number => $"question {number}"),
            transcript.GetProperty("messages").EnumerateArray().Select(message => message.Text("message")));

        using var markdown = await _host.Http.GetAsync("/api/sessions/s1/export");
        Assert.Equal("text/markdown", markdown.Content.Headers.ContentType?.MediaType);
        Assert.Equal("agentstream-s1.md", markdown.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        var text = await markdown.Content.ReadAsStringAsync();
        Assert.StartsWith("# question 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nanswer 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\n````\na ``` fence\n````\n", text, StringComparison.Ordinal);
        Assert.Contains("\n> question 230\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("```js\nlet a = 1;", "```")]
    [InlineData("~~~~\n```", "~~~~")]
    [InlineData("<!-- so far", "-->")]
    [InlineData("<script>\nlet a = 1;", "</pre>")]
    [InlineData("```\nx\n```", null)]
    [InlineData("- item\n  ```\n  x", null)]
    [InlineData("a <!-- b", null)]
    public async Task Export_OfAnAnswerThatEndsInTheMiddle_EndsItsLastBlock(string answer, string? end)
    {
        await _host.PostAsync("s1", "first");
        await (await _host.ClaimAsync()).CompleteAsync(answer);

        var text = await _host.Http.GetStringAsync("/api/sessions/s1/export");

        Assert.Contains($"\n{answer}\n{(end is null ? "" : $"{end}\n")}\n*0.0 s, 3 tokens in", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_OfAMessageThatLooksLikeATurn_QuotesIt()
    {
        await _host.PostAsync("s1", "hello\r\n\n## assistant\n\n```\nopen");
        var text = await _host.Http.GetStringAsync("/api/sessions/s1/export");
        Assert.Contains("\n\n> hello\n>\n> ## assistant\n>\n> ```\n> open\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/agents")]
    [InlineData("/api/sessions")]
    [InlineData("/api/sessions/s1")]
    [InlineData("/api/sessions/s1/export")]
    [InlineData("/api/sessions/s1/events")]
    public async Task Head_OfWhatCanBeRead_IsAnsweredWithoutABody(string path)
    {
        await _host.PostAsync("s1", "hello");
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await _host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(response.Content.Headers.ContentType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/api/sessions/s1")]
    [InlineData("/api/sessions/s1/export")]
    [InlineData("/api/sessions/nobody")]
    [InlineData("/openapi/v1.json")]
    public async Task Answers_AreKeptByNobodyAndTakenForWhatTheyAre(string path)
    {
        await _host.PostAsync("s1", "hello");
        using var response = await _host.Http.GetAsync(path);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.False(response.Headers.Contains("Server"));
    }

    private async Task<HttpResponseMessage> PreflightAsync(string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/sessions/s1");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "DELETE");
        return await _host.Http.SendAsync(request);
    }
}
