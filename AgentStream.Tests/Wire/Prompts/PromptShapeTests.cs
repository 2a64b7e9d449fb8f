using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Models;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>
/// One system message, then user and assistant in turn, each call answered: what servers are sent after messages that came to no answer.
/// </summary>
public sealed class PromptShapeTests : IAsyncLifetime
{
    private readonly TestTools _tools = new();
    private Dialect _model = null!;

    private StrictServer Server => _model.Server;

    public async Task InitializeAsync() => _model = await Dialect.OpenAIAsync();

    public async Task DisposeAsync() => await _model.DisposeAsync();

    [Fact]
    public async Task FailedMessage_IsFollowedByAWordOfHowItEnded()
    {
        var session = new WireSession();
        Server.Script(_model.Error(400, "no"), _model.Text("fine"));

        var failed = await session.SayAsync(_model.Client, "one");
        var next = await session.SayAsync(_model.Client, "two");

        Assert.Equal(("model_refused", RunStatus.Completed), (failed.Finished!.ErrorCode, next.Finished!.Status));
        Assert.Equal(["system:be good", "user:one", "assistant:[The answer failed here: model_refused.]", "user:two"], Prompt());
    }

    [Fact]
    public async Task StoppedMessage_IsFollowedByWhatThereWasAndThatItWasStopped()
    {
        var session = new WireSession();
        Server.Script(FakeReply.Stream().Deltas("Once upon").Wait(Task.Delay(Timeout.Infinite)), _model.Text("fine"));

        await session.SayAsync(_model.Client, "tell", new WireMessage { StopAt = typeof(StepDelta) });
        await session.SayAsync(_model.Client, "two");

        Assert.Equal(["system:be good", "user:tell", "assistant:Once upon\n\n[The answer was stopped here.]", "user:two"], Prompt());
    }

    [Fact]
    public async Task MessageStoppedBeforeItBegan_IsFollowedByThat()
    {
        var session = new WireSession();

        await session.SayAsync(_model.Client, "one", new WireMessage { IsStoppedAtOnce = true });
        await session.SayAsync(_model.Client, "two");

        Assert.Equal(["system:be good", "user:one", "assistant:[The answer was stopped here.]", "user:two"], Prompt());
    }

    [Theory]
    [InlineData(2, 1_000_000, "max_iterations")]
    [InlineData(20, 5, "token_limit")]
    public async Task RunEndedByALimitAfterItsTools_IsClosedByAWordOfTheAssistant(int iterations, long tokens, string code)
    {
        var session = new WireSession(_tools.Look());
        Server.Script(Look("c1"), Look("c2"));

        var limited = await session.SayAsync(_model.Client, "one", new WireMessage { MaxIterations = iterations, MaxTokens = tokens });
        Server.Script(_model.Text("fine"));
        var next = await session.SayAsync(_model.Client, "two");

        Assert.Equal((code, RunStatus.Completed), (limited.Finished!.ErrorCode, next.Finished!.Status));
        Assert.StartsWith("tool:", Prompt()[^3], StringComparison.Ordinal);
        Assert.Equal([$"assistant:[The answer failed here: {code}.]", "user:two"], Prompt()[^2..]);
        Assert.Empty(Server.Refusals);
    }

    [Fact]
    public async Task RunThatWaitedForPeopleInVain_HasItsCallsAnsweredAndAnEnd()
    {
        var session = new WireSession(_tools.Save());
        Server.Script(_model.Calls("save", "", ("c1", """{"text":"a"}""")), _model.Text("fine"));

        await session.SayAsync(_model.Client, "one", new WireMessage { Approvals = ["save"] });
        await session.SayAsync(_model.Client, "two");

        Assert.Empty(_tools.Executed);
        Assert.Equal(
            ["tool:This call was not executed: the run ended before.", "assistant:[The answer ended here.]", "user:two"], Prompt()[^3..]);
        Assert.Empty(Server.Refusals);
    }

    [Fact]
    public async Task Context_StandsWithItsMessageAndNotInASecondSystemMessage()
    {
        var session = new WireSession();
        Server.Script(_model.Text("fine"), _model.Text("too"));

        await session.SayAsync(_model.Client, "one", new WireMessage { Context = JsonElement.Parse("""{"page":"a"}""") });
        Assert.Equal(["system:be good", "user:one\n\n[Context given with this message, as JSON]\n{\"page\":\"a\"}"], Prompt());

        await session.SayAsync(_model.Client, "two");
        Assert.Equal(["system:be good", "user:one", "assistant:fine", "user:two"], Prompt());
    }

    [Fact]
    public async Task Summary_StandsBeforeTheMessageThatFollowsIt()
    {
        var session = new WireSession();
        Server.Always = request =>
            request.GetRawText().Contains("Summarise this conversation", StringComparison.Ordinal) ? _model.Text("They talked.") : null;
        Server.Script(_model.Text(new string('a', 10_000)), _model.Text("fine"));

        await session.SayAsync(_model.Client, "one");
        await session.SayAsync(_model.Client, "two", new WireMessage { ContextTokens = 3_000 });

        Assert.Equal(["system:be good", "user:[A summary of the conversation before, made to save space]\nThey talked.\n\ntwo"], Prompt());
        Assert.Empty(Server.Refusals);
    }

    [Theory]
    [InlineData("a:hello", "user:[The beginning of this conversation is not here.]|assistant:hello|user:q")]
    [InlineData("u:one u:two", "user:one\n\ntwo\n\nq")]
    [InlineData("u:one a:two a:three", "user:one|assistant:two\n\nthree|user:q")]
    [InlineData("u:one a: u:two", "user:one\n\ntwo\n\nq")]
    public async Task SuppliedHistory_OfAnyOrder_TakesTurns(string history, string expected)
    {
        var session = new WireSession();

        await session.SayAsync(_model.Client, "q", new WireMessage
        {
            History =
            [
                .. history.Split(' ').Select(one => new HistoryMessage { Role = one[0] == 'a' ? "assistant" : "user", Content = one[2..] }),
            ],
        });

        Assert.Equal(expected.Split('|'), Prompt()[1..]);
        Assert.Empty(Server.Refusals);
    }

    [Fact]
    public async Task TurnOfAnEarlierVersion_WithoutItsEnding_HasAnEnd()
    {
        const string Call = """{"id":"r1-call-1-0","model_id":"c1","name":"look","arguments":"{}"}""";
        var old = Encoding.UTF8.GetBytes(
            $$"""{"kind":"reply","iteration":1,"text":"I look.","calls":[{{Call}}],"cut_off":false,"characters":9}""");
        var client = new PlannedChatClient(["fine"]);

        await new LoopHarness(client) { Conversation = [new ConversationTurn(RunId.New(), "one", [old])] }.RunAsync();

        Assert.Equal(["system", "user", "assistant", "tool", "assistant", "user"], client.Prompts[0].Select(message => message.Role.Value));
        Assert.Equal("[The answer ended here.]", client.Prompts[0][4].Text);
    }

    [Fact]
    public void Ending_IsReadByAVersionThatDoesNotKnowIt()
    {
        // Of a kind that has always been there: an unknown kind would be an error for a worker that is not yet renewed.
        var bytes = new EmptyRecord { Ended = new RunEnding(RunStatus.Failed, "max_iterations") }.ToBytes();

        Assert.Equal(
            """{"kind":"attempt","ended":{"status":"failed","code":"max_iterations"}}""", System.Text.Encoding.UTF8.GetString(bytes));
        Assert.Equal(new RunEnding(RunStatus.Failed, "max_iterations"), RunRecord.FromBytes(bytes).Ended);
    }

    /// <summary>A message that the provider's rules forbid would be refused with each later message, for ever.</summary>
    [Fact]
    public async Task MessageThatIsRefusedWithEachLaterOne_IsLeftOutAndSaysSo()
    {
        var session = new WireSession();
        Server.Check = body => body.GetRawText().Contains("forbidden", StringComparison.Ordinal)
            ? "The response was filtered due to the prompt triggering content management policy."
            : StrictPrompt.OpenAI(body);
        Server.Script(_model.Text("hello"), _model.Text("fine"), _model.Text("too"));

        await session.SayAsync(_model.Client, "hi");
        var refused = await session.SayAsync(_model.Client, "forbidden");
        var next = await session.SayAsync(_model.Client, "two");
        await session.SayAsync(_model.Client, "three");

        Assert.Equal(
            ("model_content_filter", RunStatus.Completed, "Thought FinalAnswer"),
            (refused.Finished!.ErrorCode, next.Finished!.Status, next.Shape));
        Assert.StartsWith(
            "The model's server refused this conversation, as it did before.", next.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(["system:be good", "user:hi", "assistant:hello", "user:two", "assistant:fine", "user:three"], Prompt());
        Assert.Equal(2, Server.Refusals.Count);
    }

    [Fact]
    public async Task ToolResultThatIsRefusedWithEachLaterMessage_IsLeftOutToo()
    {
        var session = new WireSession(_tools.Look());
        Server.Check = body =>
            body.GetRawText().Contains("look did forbidden", StringComparison.Ordinal) ? "no such words here" : StrictPrompt.OpenAI(body);
        Server.Script(_model.Calls("", ("c1", """{"text":"forbidden"}""")), _model.Text("fine"));

        var refused = await session.SayAsync(_model.Client, "one");
        var next = await session.SayAsync(_model.Client, "two");

        Assert.Equal(("model_refused", RunStatus.Completed), (refused.Finished!.ErrorCode, next.Finished!.Status));
        Assert.Equal("user:two", Assert.Single(Prompt()[1..]));
    }

    [Fact]
    public async Task AnswerThatMakesTheServerRefuseLaterMessages_IsLeftOutWithAllThatWasBefore()
    {
        var session = new WireSession();
        Server.Check = body =>
            body.GetRawText().Contains("taken at first", StringComparison.Ordinal) ? "no such words here" : StrictPrompt.OpenAI(body);
        Server.Script(_model.Text("taken at first"), _model.Text("fine"));

        await session.SayAsync(_model.Client, "one");
        var refused = await session.SayAsync(_model.Client, "two");
        var next = await session.SayAsync(_model.Client, "three");

        Assert.Equal(
            ("model_refused", RunStatus.Completed, "Thought Thought FinalAnswer"),
            (refused.Finished!.ErrorCode, next.Finished!.Status, next.Shape));
        Assert.Equal(["system:be good", "user:three"], Prompt());
    }

    [Fact]
    public async Task MessageThatIsRefusedWhateverIsLeftOut_TakesNothingFromTheConversation()
    {
        var session = new WireSession();
        Server.Check =
            body => body.GetRawText().Contains("forbidden", StringComparison.Ordinal) ? "no such words here" : StrictPrompt.OpenAI(body);
        Server.Script(_model.Text("hello"), _model.Text("fine"));

        await session.SayAsync(_model.Client, "hi");
        await session.SayAsync(_model.Client, "forbidden");
        var again = await session.SayAsync(_model.Client, "forbidden");
        await session.SayAsync(_model.Client, "two");

        Assert.Equal("model_refused", again.Finished!.ErrorCode);
        Assert.Equal(["system:be good", "user:hi", "assistant:hello", "user:two"], Prompt());
    }

    /// <summary>llama.cpp answers 500 to each prompt at which the chat template raises an error (ggml-org/llama.cpp#17040).</summary>
    [Fact]
    public async Task MessageOnWhichTheServerFailsEachTime_IsLeftOutOfTheThird()
    {
        var session = new WireSession();
        Server.Status = 500;
        Server.Check = body => body.GetRawText().Contains("poison", StringComparison.Ordinal) ? "Jinja Exception: no" : null;
        Server.Script(_model.Text("hello"));

        await session.SayAsync(_model.Client, "hi");
        var first = await session.SayAsync(_model.Client, "poison");
        var second = await session.SayAsync(_model.Client, "two");
        var third = await session.SayAsync(_model.Client, "three");
        await session.SayAsync(_model.Client, "four");

        Assert.Equal(
            ("model_unavailable", "model_unavailable", RunStatus.Completed, "Thought FinalAnswer"),
            (first.Finished!.ErrorCode, second.Finished!.ErrorCode, third.Finished!.Status, third.Shape));
        Assert.StartsWith(
            "The model's server failed on this message as on the 2 before.", third.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(["system:be good", "user:hi", "assistant:hello", "user:three", "assistant:answer", "user:four"], Prompt());
    }

    [Fact]
    public async Task AnswerOnWhichTheServerFailsEachTime_IsLeftOutOfTheFourthAfterIt()
    {
        var session = new WireSession();
        Server.Status = 500;
        Server.Check = body => body.GetRawText().Contains("taken at first", StringComparison.Ordinal) ? "Jinja Exception: no" : null;
        Server.Script(_model.Text("taken at first"));
        foreach (var message in (string[])["one", "two", "three", "four"])
        {
            await session.SayAsync(_model.Client, message);
        }

        var last = await session.SayAsync(_model.Client, "five");

        Assert.Equal((RunStatus.Completed, "Thought Thought FinalAnswer"), (last.Finished!.Status, last.Shape));
        Assert.Equal(["system:be good", "user:five"], Prompt());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    public async Task MessagesOfAnOutage_AreInThePromptWhenItIsOver(int status)
    {
        var session = new WireSession();
        Server.Status = status;
        Server.Check = _ => "out of order";
        foreach (var message in (string[])["one", "two", "three", "four", "five"])
        {
            Assert.Equal("model_unavailable", (await session.SayAsync(_model.Client, message)).Finished!.ErrorCode);
        }

        Server.Check = _ => null;
        await session.SayAsync(_model.Client, "six");

        Assert.Equal(
            ["user:one", "user:two", "user:three", "user:four", "user:five", "user:six"],
            Prompt().Where(line => line.StartsWith("user", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Delegate_ThatCameToNoAnswerAtFirst_IsAskedInTheSameForm()
    {
        await using var helper = await Dialect.OpenAIAsync();
        helper.Server.Script(
            helper.Calls("", ("h1", """{"text":"a"}""")), helper.Error(400, "no"), helper.Calls("", ("h1", """{"text":"b"}""")),
            helper.Text("found"));
        Server.Script(Delegate("d1"), Delegate("d2"), _model.Text("It is found."));
        var harness = new LoopHarness(_model.Client)
        {
            Models = TestCatalog.Of(helper.Client),
            Agents = new AgentSet(
            [
                new AgentDefinition { Name = "tester", Instructions = "ask", Delegates = ["helper"] },
                new AgentDefinition
                {
                    Name = "helper",
                    Instructions = "find",
                    Description = "Finds things.",
                    Model = "test",
                    Tools = [_tools.Look()],
                },
            ]),
        };

        await harness.RunAsync();

        Assert.Equal((RunStatus.Completed, "It is found."), (harness.Finished!.Status, harness.Steps.Last().Content));
        Assert.Empty(Server.Refusals);
        Assert.Empty(helper.Server.Refusals);
        Assert.Equal(["system", "user", "assistant", "tool"], helper.Server.Requests[^1].GetProperty("messages")
            .EnumerateArray()
            .Select(message => message.GetProperty("role").GetString()));

        FakeReply Delegate(string id) => _model.Calls("delegate", "", (id, """{"agent":"helper","task":"find it"}"""));
    }

    /// <summary>Caches of prompts keep what two prompts begin with.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    [InlineData(true, 3)]
    public async Task RunWhoseModelTakesNoToolsAfterCalls_GoesOnWithTheirResultsAsTheLastMessage(bool isAnthropic, int rounds)
    {
        await using var model = isAnthropic ? await Dialect.AnthropicAsync() : await Dialect.OpenAIAsync();
        var session = new WireSession(_tools.Look());
        model.Server.Script([
            .. Enumerable.Range(1, rounds).Select(round => model.Calls("", ($"c{round}a", "{}"), ($"c{round}b", "{}"))),
            model.Text("fine"),
            model.Text("and more"),
        ]);
        var strict = model.Server.Check;
        model.Server.Check = body => strict(body)
            ?? (model.Server.Requests.Count > rounds && body.TryGetProperty("tools", out _) ? "x does not support tools" : null);

        var run = await session.SayAsync(model.Client, "one");
        var next = await session.SayAsync(model.Client, "two");

        Assert.Equal((RunStatus.Completed, "fine"), (run.Finished!.Status, run.Steps.Last().Content));
        Assert.Equal((RunStatus.Completed, "and more"), (next.Finished!.Status, next.Steps.Last().Content));
        Assert.Equal(["x does not support tools"], model.Server.Refusals);
    }

    [Fact]
    public async Task Prompts_OfASession_BeginWithWhatTheOnesBeforeWere()
    {
        var session = new WireSession(_tools.Look());
        Server.Script(Look("c1"), _model.Text("one"), _model.Text("two"), FakeReply.Stream().Deltas("thr").Abort(), _model.Text("four"));

        await session.SayAsync(_model.Client, "first");
        await session.SayAsync(_model.Client, "second", new WireMessage { Context = JsonElement.Parse("""{"a":1}""") });
        await session.SayAsync(_model.Client, "third");
        await session.SayAsync(_model.Client, "fourth");

        var prompts = Server.Requests.Select(
            request => request.GetProperty("messages").EnumerateArray().Select(message => message.GetRawText()).ToList()).ToList();
        Assert.True(prompts.Count >= 5);
        Assert.All(prompts.Zip(prompts.Skip(1)), pair => Assert.Equal(
            pair.First.Where(message => !message.Contains("Context given", StringComparison.Ordinal)),
            pair.Second.Take(pair.First.Count(message => !message.Contains("Context given", StringComparison.Ordinal)))));
    }

    private FakeReply Look(string id) => _model.Calls("", (id, """{"text":"a"}"""));

    /// <summary>The messages of the last request, each as <c>role:text</c>; of a tool's result what stands between its marks.</summary>
    private List<string> Prompt() => [.. Server.Requests[^1].GetProperty("messages").EnumerateArray().Select(message =>
        $"{message.GetProperty("role").GetString()}:{(message.TryGetProperty("content", out var content) ? content.GetString() : "")}")];
}
