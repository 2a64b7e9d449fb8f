using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary><c>/v1/responses</c> over a real server, with a worker that the test plays.</summary>
public sealed class ResponseTests : IAsyncLifetime
{
    private const string Path = "/v1/responses";

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Response_InTheBackground_AnswersAtOnceAndIsReadAsItStands()
    {
        var created = await PostAsync(Ask("hi", background: true));
        Assert.Equal(("response", "queued", "researcher"), (created.Text("object"), created.Text("status"), created.Text("model")));
        var id = created.Text("id")!;

        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var step = run.NewStep();
        await run.DeltasAsync(step, "It ");
        var begun = await GetAsync(id);
        Assert.Equal("in_progress", begun.Text("status"));
        Assert.Equal("It ", begun.GetProperty("output")[0].GetProperty("content")[0].Text("text"));

        await run.DeltasAsync(step, "is.");
        await run.AnswerAsync(step, "It is.");
        await run.FinishAsync();
        var done = await GetAsync(id);
        Assert.Equal("completed", done.Text("status"));
        Assert.Equal("It is.", done.GetProperty("output")[0].GetProperty("content")[0].Text("text"));
        Assert.Equal(7, done.GetProperty("usage").Number("total_tokens"));
        Assert.Equal(created.Number("created_at"), done.Number("created_at"));
    }

    [Fact]
    public async Task Response_NotStreamed_IsTheAnswerHoweverItEnds()
    {
        var asking = PostAsync(Ask("hi"));
        await (await _host.ClaimAsync()).CompleteAsync("It is.");
        Assert.Equal("completed", (await asking).Text("status"));

        asking = PostAsync(Ask("hi"));
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await run.FinishAsync(RunStatus.Failed, "The model is away: try again.");
        var failed = await asking;
        Assert.Equal("failed", failed.Text("status"));
        Assert.Equal("""{"code":"model_error","message":"The model is away: try again."}""", failed.GetProperty("error").GetRawText());
    }

    [Fact]
    public async Task Stream_CutAfterEachOfItsEvents_GoesOnWithTheNextOne()
    {
        await using var stream = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true));
        var run = await _host.ClaimAsync();
        var id = IdOf(await stream.NextAsync());
        await PlayAsync(run);
        var all = await EventsAsync(id);
        Assert.Equal(all[1..], await stream.RestAsync());
        Assert.True(all.Count > 20);
        Assert.Contains("\"type\":\"response.completed\"", all[^1], StringComparison.Ordinal);
        Assert.Single(all, one => one.Contains("\"type\":\"response.completed\"", StringComparison.Ordinal));

        for (var has = 0; has < all.Count; has++)
        {
            Assert.Equal(all[(has + 1)..], await EventsAsync(id, OpenAIStream.NumberOf(all[has])));
        }
    }

    [Fact]
    public async Task Stream_CutWhileItsRunGoesOn_MissesNothing()
    {
        await using var first = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true));
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var step = run.NewStep();
        await run.DeltasAsync(step, "It ");
        var begun = await first.UntilAsync("It ");
        await first.DisposeAsync();

        var id = IdOf(begun[0]);
        await using var second = await OpenAIStream.OpenAsync(
            _host.Http, HttpMethod.Get, $"{Path}/{id}?stream=true&starting_after={OpenAIStream.NumberOf(begun[^1])}");
        await run.DeltasAsync(step, "is.");
        Assert.Contains("\"delta\":\"is.\"", await second.NextAsync(), StringComparison.Ordinal);
        await run.AnswerAsync(step, "It is.");
        await run.FinishAsync();
        Assert.Contains("response.completed", (await second.RestAsync())[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfARunThatTheLogDoesNotTellAnyMore_HasTheAnswerAndOneEnd()
    {
        await using var host = await ApiHost.StartAsync(new() { ["AgentStream:Messaging:ReplayWindow"] = "00:00:00" });
        var response = await OpenAIStream.SendAsync(host.Http, HttpMethod.Post, Path, Ask("hi", background: true));
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>()).Text("id")!;
        var run = await host.ClaimAsync();
        await PlayAsync(run);
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        while ((await host.Log.GetHeadAsync(run.Claim.Request.SessionId, patience.Token)).TrimmedThrough == Offset.Start)
        {
            await Task.Yield();
        }

        await using var whole = await OpenAIStream.OpenAsync(host.Http, HttpMethod.Get, $"{Path}/{id}?stream=true");
        var all = await whole.RestAsync();
        Assert.Contains("\"type\":\"response.created\"", all[0], StringComparison.Ordinal);
        Assert.Contains(all, one => one.Contains("\"delta\":\"It is.\"", StringComparison.Ordinal));
        Assert.Equal(all.Select(OpenAIStream.NumberOf).Order(), all.Select(OpenAIStream.NumberOf));

        await using var rest = await OpenAIStream.OpenAsync(host.Http, HttpMethod.Get, $"{Path}/{id}?stream=true&starting_after=40");
        Assert.Equal(all[^1], Assert.Single(await rest.RestAsync()));
        Assert.Contains("\"type\":\"response.completed\"", all[^1], StringComparison.Ordinal);
        Assert.Contains("It is.", all[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WhoseServerStops_SaysThatTheRunGoesOn()
    {
        await using var stream = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true));
        await stream.NextAsync();

        await _host.StopAsync();

        var last = JsonElement.Parse(Assert.Single(await stream.RestAsync()));
        Assert.Equal(("error", "shutting_down"), (last.Text("type"), last.Text("code")));
        Assert.False(last.TryGetProperty("sequence_number", out _));
    }

    [Fact]
    public async Task Cancel_OfWhatWaitsAndOfWhatRuns_EndsItAndMayBeAskedAgain()
    {
        var waiting = (await PostAsync(Ask("hi", background: true))).Text("id")!;
        Assert.Equal("cancelled", (await CancelAsync(waiting)).Text("status"));
        Assert.Equal("cancelled", (await CancelAsync(waiting)).Text("status"));

        var running = (await PostAsync(Ask("hi", background: true))).Text("id")!;
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var cancelling = CancelAsync(running);
        await foreach (var batch in _host.Log.FollowAsync(run.Claim.Request.SessionId, new(null, new(0))))
        {
            if (batch.Entries.Any(entry => entry.Event is CancelRequested))
            {
                break;
            }
        }

        await run.FinishAsync(RunStatus.Cancelled);
        Assert.Equal("cancelled", (await cancelling).Text("status"));
        var events = await EventsAsync(running);
        Assert.Contains("\"type\":\"response.incomplete\"", events[^1], StringComparison.Ordinal);
        Assert.Contains("\"status\":\"cancelled\"", events[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_OfWhatIsOver_IsRefused()
    {
        var id = (await PostAsync(Ask("hi", background: true))).Text("id")!;
        await (await _host.ClaimAsync()).CompleteAsync("It is.");

        using var response = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, $"{Path}/{id}/cancel");
        await OpenAIStream.AssertErrorAsync(response, HttpStatusCode.BadRequest, "nothing_to_cancel");
    }

    [Fact]
    public async Task Previous_TheNewest_GoesOnInItsSession()
    {
        var first = (await PostAsync(Ask("I am Ada.", background: true))).Text("id")!;
        var one = await _host.ClaimAsync();
        await one.CompleteAsync("Hello Ada.");
        await PostAsync(Ask("Who am I?", background: true, previous: first));

        var two = await _host.ClaimAsync();
        Assert.Equal(one.Claim.Request.SessionId, two.Claim.Request.SessionId);
        Assert.Null(two.Claim.Request.ReplacesRunId);
        Assert.Null(two.Claim.Request.History);
    }

    [Fact]
    public async Task Previous_AnEarlierOne_LeavesOutWhatCameAfterIt()
    {
        var first = (await PostAsync(Ask("one", background: true))).Text("id")!;
        await (await _host.ClaimAsync()).CompleteAsync("1");
        var second = (await PostAsync(Ask("two", background: true, previous: first))).Text("id")!;
        var two = await _host.ClaimAsync();
        await two.CompleteAsync("2");
        var other = Ask("two, otherwise", background: true, previous: first);

        var third = await PostAsync(other, "k");
        var again = await PostAsync(other, "k");

        Assert.Equal(third.Text("id"), again.Text("id"));
        var three = await _host.ClaimAsync();
        Assert.Equal(two.RunId, three.Claim.Request.ReplacesRunId);
        await three.CompleteAsync("3");
        using var left = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, Ask("three", previous: second));
        await OpenAIStream.AssertErrorAsync(left, HttpStatusCode.BadRequest, "invalid_option", "previous_response_id");
    }

    [Theory]
    [InlineData("resp_0197ab_1_nobody-was-here")]
    [InlineData("resp_0197ab")]
    public async Task Previous_ThatIsNotThere_IsNotFound(string id)
    {
        using var response = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", previous: id));
        await OpenAIStream.AssertErrorAsync(response, HttpStatusCode.NotFound, "not_found", "previous_response_id");
    }

    [Fact]
    public async Task Conversation_ThatIsNamed_IsTheSession()
    {
        await PostAsync(new { model = "researcher", input = "hi", background = true, conversation = "mine" });
        Assert.Equal("mine", (await _host.ClaimAsync()).Claim.Request.SessionId.Value);
    }

    [Fact]
    public async Task Response_ThatIsNotStored_CanNotBeReadAgain()
    {
        var asking = PostAsync(new { model = "researcher", input = "hi", store = false });
        await (await _host.ClaimAsync()).CompleteAsync("It is.");
        var id = (await asking).Text("id");

        using var response = await _host.Http.GetAsync($"{Path}/{id}");
        await OpenAIStream.AssertErrorAsync(response, HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Key_OfARequestThatWasCut_GetsItsResponseAgain()
    {
        string id;
        await using (var first = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "k"))
        {
            id = IdOf(await first.NextAsync());
        }

        await using var second = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Post, Path, Ask("hi", stream: true), "k");
        await (await _host.ClaimAsync()).CompleteAsync("It is.");
        Assert.Equal(await EventsAsync(id), await second.RestAsync());
    }

    // A thought, text that is lost with its attempt, text that turns out to be a thought, and the answer.
    private static async Task PlayAsync(ScriptedRun run)
    {
        await run.StartAsync();
        var thought = run.NewStep();
        await run.AppendAsync(new StepDelta { StepId = thought, StepType = DeltaType.Thought, Delta = "Let me", Iteration = 1 });
        await run.AppendAsync(ScriptedRun.Step(thought, StepType.Thought, "Let me."));
        var lost = run.NewStep();
        await run.DeltasAsync(lost, "Half an ");
        await run.AppendAsync(new StepSuperseded { StepIds = [lost], Reason = SupersededReason.Retried });
        var turned = run.NewStep();
        await run.DeltasAsync(turned, "I'll ", "look.");
        await run.AppendAsync(ScriptedRun.Step(turned, StepType.Thought, "I'll look."));
        var answer = run.NewStep();
        await run.DeltasAsync(answer, "It ", "is.");
        await run.AnswerAsync(answer, "It is.");
        await run.FinishAsync();
    }

    private static object Ask(string input, bool? stream = null, bool? background = null, string? previous = null)
        => new { model = "researcher", input, stream, background, previous_response_id = previous };

    private static string IdOf(string? data) => JsonElement.Parse(data!).GetProperty("response").Text("id")!;

    private async Task<JsonElement> PostAsync(object body, string? key = null)
    {
        using var response = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, Path, body, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> CancelAsync(string id)
    {
        using var response = await OpenAIStream.SendAsync(_host.Http, HttpMethod.Post, $"{Path}/{id}/cancel");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private Task<JsonElement> GetAsync(string id) => _host.Http.GetFromJsonAsync<JsonElement>($"{Path}/{id}");

    private async Task<List<string>> EventsAsync(string id, int? after = null)
    {
        var query = after is { } number ? $"&starting_after={number}" : "";
        await using var stream = await OpenAIStream.OpenAsync(_host.Http, HttpMethod.Get, $"{Path}/{id}?stream=true{query}");
        return await stream.RestAsync();
    }
}
