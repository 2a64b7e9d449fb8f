using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary><c>POST /v1/chat/completions</c> over a real server, with a worker that the test plays.</summary>
public sealed class ChatCompletionTests : IAsyncLifetime
{
    private const string Path = "/v1/chat/completions";
    private static readonly object Question = Ask("hi");

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Stream_OfARun_BringsItsPiecesAndEnds()
    {
        var opening = OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true));
        var run = await _host.ClaimAsync();
        await using var stream = await opening;
        Assert.Contains("\"role\":\"assistant\"", await stream.NextAsync(), StringComparison.Ordinal);

        await run.CompleteAsync("It is.");

        var rest = await stream.RestAsync();
        Assert.Contains("\"content\":\"It is.\"", rest[0], StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"stop\"", rest[1], StringComparison.Ordinal);
        Assert.Contains("\"usage\":{\"prompt_tokens\":3", rest[2], StringComparison.Ordinal);
        Assert.Equal([OpenAIStream.Done], rest[3..]);
        Assert.Equal("researcher", run.Claim.Request.AgentName);
    }

    [Fact]
    public async Task Completion_NotStreamed_IsTheAnswer()
    {
        var asking = OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, Question);
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await run.AppendAsync(ScriptedRun.Step(run.NewStep(), StepType.Thought, "Well."));
        await run.AnswerAsync(run.NewStep(), "It is.");
        await run.FinishAsync();

        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var completion = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"chatcmpl-{run.RunId}", completion.Text("id"));
        Assert.Equal(
            """{"role":"assistant","content":"It is.","reasoning_content":"Well."}""",
            completion.GetProperty("choices")[0].GetProperty("message").GetRawText());
        Assert.Equal(7, completion.GetProperty("usage").Number("total_tokens"));
        Assert.Matches(@"^/api/sessions/[a-z0-9-]+\?before=\d+&limit=1$", response.Headers.Location!.ToString());
        using var transcript = await _host.Http.GetAsync(response.Headers.Location);
        Assert.Contains("It is.", await transcript.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunStatus.Failed, "model_error")]
    [InlineData(RunStatus.Cancelled, "cancelled")]
    public async Task Completion_OfARunWithoutAnAnswer_IsAnErrorThatNobodyTriesAgain(RunStatus status, string code)
    {
        var asking = OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, Question, key: "k");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await EndAsync(run, status);

        using var response = await asking;
        await OpenAIStream.AssertErrorAsync(response, HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal(["false"], response.Headers.GetValues("x-should-retry"));

        await using var again = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "other");
        var second = await _host.ClaimAsync();
        await second.StartAsync();
        await EndAsync(second, status);
        Assert.Contains($"\"code\":\"{code}\"", (await again.RestAsync())[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_OfARequestThatWasCut_GetsItsRunAgainAlsoWhenItIsOver()
    {
        ScriptedRun run;
        await using (var first = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "k"))
        {
            run = await _host.ClaimAsync();
            await first.NextAsync();
        }

        await run.StartAsync();
        await using var second = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "k");
        await second.NextAsync();
        await run.AnswerAsync(run.NewStep(), "It is.");
        await run.FinishAsync();
        Assert.Contains("It is.", (await second.RestAsync())[0], StringComparison.Ordinal);

        using var whole = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, Question, "k");
        Assert.Equal($"chatcmpl-{run.RunId}", (await whole.Content.ReadFromJsonAsync<JsonElement>()).Text("id"));
        var list = await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions");
        Assert.Equal(1, Assert.Single(list.GetProperty("sessions").EnumerateArray()).Number("messages"));
    }

    [Fact]
    public async Task Key_OfAnotherQuestion_IsRefused()
    {
        await using var first = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "k");

        using var other = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, Ask("something else"), "k");
        await OpenAIStream.AssertErrorAsync(other, HttpStatusCode.UnprocessableEntity, "conflict");
    }

    [Theory]
    [InlineData("")]
    [InlineData("256")]
    public async Task Key_ThatIsNone_IsRefused(string key)
    {
        using var response = await OpenAIStream.SendAsync(
            _host.Http, HttpMethod.Post, Path, Question, key.Length == 0 ? key : new string('k', 256));
        await OpenAIStream.AssertErrorAsync(response, HttpStatusCode.BadRequest, "invalid_option", "Idempotency-Key");
    }

    [Fact]
    public async Task Session_ThatIsNamed_HoldsTheRun()
    {
        var body = new
        {
            model = "researcher",
            stream = true,
            metadata = new { session_id = "mine" },
            messages = new[] { new { role = "user", content = "I am Ada." }, new { role = "user", content = "Who am I?" } },
        };
        await using var stream = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, body);

        var run = await _host.ClaimAsync();
        Assert.Equal(("mine", "Who am I?"), (run.Claim.Request.SessionId.Value, run.Claim.Request.Message));
        Assert.Equal("I am Ada.", Assert.Single(run.Claim.Request.History!).Content);
    }

    [Fact]
    public async Task Stream_WhoseServerStops_SaysThatTheRunGoesOn()
    {
        await using var stream = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true));
        await stream.NextAsync();

        await _host.StopAsync();

        Assert.Contains("\"code\":\"shutting_down\"", Assert.Single(await stream.RestAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WhoseSessionIsErased_SaysSo()
    {
        await using var stream = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "k");
        await stream.NextAsync();
        var sessions = await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions");

        using var erased = await _host.Http.DeleteAsync($"/api/sessions/{sessions.GetProperty("sessions")[0].Text("session_id")}");

        Assert.Contains("\"code\":\"session_not_found\"", Assert.Single(await stream.RestAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", Path, "no json", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("POST", Path, """{"model":"a","model":"b"}""", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("POST", Path, """{"messages":4}""", HttpStatusCode.BadRequest, "invalid_frame")]
    [InlineData("GET", "/v1/models/nobody", null, HttpStatusCode.NotFound, "unknown_agent", "model")]
    [InlineData("GET", "/v1/responses/nothing", null, HttpStatusCode.NotFound, "not_found")]
    [InlineData("GET", "/v1/responses/resp_r_1_s", null, HttpStatusCode.NotFound, "not_found")]
    [InlineData("GET", "/v1/responses/resp_r_1_s?stream=maybe", null, HttpStatusCode.BadRequest, "invalid_option")]
    [InlineData("POST", "/v1/responses/resp_r_1_s/cancel", null, HttpStatusCode.NotFound, "not_found")]
    public async Task Errors_OfAllSorts_HaveOpenAIsShape(
        string method, string path, string? body, HttpStatusCode status, string code, string? param = null)
    {
        using var response = await OpenAIStream.SendAsync(_host.Http, new HttpMethod(method), path, body);
        await OpenAIStream.AssertErrorAsync(response, status, code, param);
    }

    [Fact]
    public async Task Wire_ThatIsSwitchedOff_IsNotThere()
    {
        await using var host = await ApiHost.StartAsync(new() { ["AgentStream:Api:Wires:OpenAI"] = "false" });
        Assert.DoesNotContain(host.Routes, route => route.Contains("/v1/", StringComparison.Ordinal));
        using var response = await OpenAIStream.SendAsync(host.Http, HttpMethod.Post, Path, Question);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static object Ask(string message, bool? stream = null) => new
    {
        model = "researcher",
        stream,
        stream_options = new { include_usage = true },
        messages = new[] { new { role = "user", content = message } },
    };

    private async Task EndAsync(ScriptedRun run, RunStatus status)
    {
        if (status == RunStatus.Cancelled)
        {
            Assert.NotNull((await _host.Queue.CancelAsync(run.Claim.Request.SessionId, run.RunId, "client")).RunId);
        }

        await run.FinishAsync(status, status == RunStatus.Failed ? "The model is away: try again." : null);
    }
}
