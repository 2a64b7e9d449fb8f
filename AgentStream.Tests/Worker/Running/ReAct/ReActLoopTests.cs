using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Support;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running.ReAct;

public sealed class ReActLoopTests
{
    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_ThoughtCallAnswer_YieldsTheStepsInOrder()
    {
        var client = new PlannedChatClient(
            [new TextReasoningContent("let me "), new TextReasoningContent("look"), "I will look.", Call("c1", "look", """{"text":"a"}""")],
            ["The ", "answer"]);
        var harness = new LoopHarness(client, _tools.Look());

        await harness.RunAsync();

        Assert.Equal("Thought Thought ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Equal(
            ["let me look", "I will look.", """look({"text":"a"})""", "look did a", "The answer"],
            harness.Steps.Select(step => step.Content));
        Assert.Equal([1, 1, 1, 1, 2], harness.Steps.Select(step => step.Iteration));
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
        Assert.Equal(2, harness.Finished?.Iterations);
        Assert.Equal(["look:a"], _tools.Executed);
    }

    [Fact]
    public async Task Run_EveryStep_IsTheConcatenationOfItsDeltas()
    {
        var client = new PlannedChatClient([new TextReasoningContent("x"), "a", new TextReasoningContent("y"), "b", "c"]);
        var harness = new LoopHarness(client);

        await harness.RunAsync();

        Assert.Equal("Thought Thought FinalAnswer", harness.Shape);
        foreach (var step in harness.Steps)
        {
            Assert.Equal(
                step.Content,
                string.Concat(harness.Log.OfType<StepDelta>().Where(delta => delta.StepId == step.StepId).Select(delta => delta.Delta)));
        }
    }

    [Fact]
    public async Task Run_FirstToken_IsHandedOutBeforeTheReplyIsWhole()
    {
        var gate = new TaskCompletionSource();
        var client = new PlannedChatClient(["first", gate.Task, "second"]);
        var harness = new LoopHarness(client);

        // Lost after the start and one delta: the gate was never opened.
        await harness.RunAsync(loseAfter: 2);

        Assert.Equal("first", Assert.Single(harness.Log.OfType<StepDelta>()).Delta);
    }

    [Fact]
    public async Task Run_SafeCalls_RunTogetherAndThePromptKeepsTheirOrder()
    {
        var firstResult = new TaskCompletionSource();
        var client = new PlannedChatClient(
            [Call("c1", "slow", """{"text":"a"}"""), Call("c2", "quick", """{"text":"b"}""")],
            ["done"]);
        var harness = new LoopHarness(
            client,
            _tools.Look(true, token => firstResult.Task.WaitAsync(token), "slow"),
            _tools.Look(true, name: "quick"))
        {
            Kept = sessionEvent => _ = sessionEvent is ReasoningStep { StepType: StepType.ToolResult } && firstResult.TrySetResult(),
        };

        await harness.RunAsync();

        Assert.Equal(
            ["quick did b", "slow did a"], harness.Steps.Where(step => step.StepType == StepType.ToolResult).Select(step => step.Content));
        var results = client.Prompts[1].SelectMany(message => message.Contents).OfType<FunctionResultContent>().ToList();
        Assert.Equal(["c1", "c2"], results.Select(result => result.CallId));
        Assert.Equal(["slow did a", "quick did b"], results.Select(result => UntrustedText.Unmark(result.Result!.ToString()!)));
    }

    [Fact]
    public async Task Run_OneCallNotSafe_RunsOneAfterTheOther()
    {
        var client = new PlannedChatClient(
            [Call("c1", "look", """{"text":"a"}"""), Call("c2", "save", """{"text":"b"}"""), Call("c3", "look", """{"text":"c"}""")],
            ["done"]);
        var harness = new LoopHarness(client, _tools.Look(true), _tools.Save());

        await harness.RunAsync();

        Assert.Equal(["look:a", "save:b", "look:c"], _tools.Executed);
        Assert.Equal("ToolUse ToolResult ToolUse ToolResult ToolUse ToolResult FinalAnswer", harness.Shape);
    }

    [Theory]
    [InlineData("nothing", "{}", "no tool called 'nothing'")]
    [InlineData("save", "{\"text\":", "can't be used")]
    [InlineData("save", "{\"text\":{}}", "text")]
    [InlineData("save", "{}", "text")]
    [InlineData("save", "{\"text\":\"\\ud83d\"}", "half of a character")]
    public async Task Run_CallThatCanNotBegin_IsAnErrorTheModelReads(string tool, string arguments, string expected)
    {
        var client = new PlannedChatClient([Call("c1", tool, arguments)], ["then without"]);
        var harness = new LoopHarness(client, _tools.Save());

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.True(result.IsError);
        Assert.Contains(expected, result.Content, StringComparison.Ordinal);
        Assert.Empty(_tools.Executed);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_ToolThrows_TellsTheModelAndKeepsTheExceptionToItself()
    {
        var client = new PlannedChatClient([Call("c1", "broken", "{}")], ["sorry"]);
        var harness = new LoopHarness(client, TestTools.Throwing(new InvalidOperationException("secret connection string")));

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.True(result.IsError);
        Assert.DoesNotContain("secret", result.Content, StringComparison.Ordinal);
        Assert.Equal("sorry", harness.Steps.Last().Content);
    }

    [Fact]
    public async Task Run_ToolTimesOut_IsAnErrorAndInDoubtWhereItMayHaveHappened()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Save(token => Task.Delay(Timeout.Infinite, token)))
        {
            Limits = new AgentLimits { ToolTimeout = TimeSpan.FromMilliseconds(20) },
        };

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.True(result.IsError);
        Assert.True(result.InDoubt);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_TooManyIterations_FailsHonestlyAndCallsNothingInVain()
    {
        var client = new PlannedChatClient(
            [Call("c1", "look", """{"text":"a"}""")], [Call("c2", "look", """{"text":"b"}""")], ["never asked"]);
        var harness = new LoopHarness(client, _tools.Look()) { MaxIterations = 2 };

        await harness.RunAsync();

        Assert.Equal(["look:a"], _tools.Executed);
        Assert.Equal(RunStatus.Failed, harness.Finished?.Status);
        Assert.Equal("max_iterations", harness.Finished?.ErrorCode);
        Assert.Equal(StepType.Error, harness.Steps.Last().StepType);
        Assert.Contains("2", harness.Steps.Last().Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TokensUsedUp_Fails()
    {
        var client = new PlannedChatClient(
            [Call(
                "c1", "look", """{"text":"a"}"""), new UsageContent(
                    new UsageDetails { InputTokenCount = 90, OutputTokenCount = 20, TotalTokenCount = 110 })],
            ["never asked"]);
        var harness = new LoopHarness(client, _tools.Look()) { Limits = new AgentLimits { MaxTokens = 100 } };

        await harness.RunAsync();

        Assert.Equal("token_limit", harness.Finished?.ErrorCode);
        Assert.Equal(110, harness.Finished?.Usage?.TotalTokens);
    }

    [Fact]
    public async Task Run_TooMuchOutput_CutsTheTextOffAndFails()
    {
        var client = new PlannedChatClient(["12345", "67890", "never"]);
        var harness = new LoopHarness(client) { Limits = new AgentLimits { OutputCharacters = 8 } };

        await harness.RunAsync();

        Assert.Equal("output_limit", harness.Finished?.ErrorCode);
        var text = Assert.Single(harness.Steps, step => step.StepType == StepType.FinalAnswer);
        Assert.True(text.CutOff);
        Assert.Equal("1234567890", text.Content);
    }

    [Fact]
    public async Task Run_CancelledWhileTheModelWrites_KeepsThePartialTextAsCutOff()
    {
        LoopHarness? harness = null;
        var client = new PlannedChatClient(["partial", (Action)(() => harness!.Control.Cancel()), "never"]);
        harness = new LoopHarness(client);

        await harness.RunAsync();

        var text = Assert.Single(harness.Steps);
        Assert.Equal("partial", text.Content);
        Assert.True(text.CutOff);
        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
        Assert.DoesNotContain(harness.Log, sessionEvent => sessionEvent is StepDelta { Delta: "never" });
    }

    [Fact]
    public async Task Run_CancelledWhileAToolRuns_StartsNoFurtherTool()
    {
        LoopHarness? harness = null;
        var client = new PlannedChatClient(
            [Call("c1", "save", """{"text":"a"}"""), Call("c2", "save", """{"text":"b"}""")], ["never asked"]);
        harness = new LoopHarness(client, _tools.Save(token =>
        {
            harness!.Control.Cancel();
            return Task.Delay(Timeout.Infinite, token);
        }));

        await harness.RunAsync();

        Assert.Equal(["save:a"], _tools.Executed);
        Assert.True(Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).InDoubt);
        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
        Assert.Single(client.Prompts);
    }

    [Fact]
    public async Task Run_CancelRequestedBeforeItIsTakenOver_EndsAtOnceAndKeepsTheLostText()
    {
        var client = new PlannedChatClient(["some ", "text", "more"]);
        var harness = new LoopHarness(client);
        await harness.RunAsync(loseAfter: 3);
        harness.CancelRequested = true;

        await harness.RunAsync();

        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
        var text = Assert.Single(harness.Steps);
        Assert.Equal("some text", text.Content);
        Assert.True(text.CutOff);
        Assert.Single(client.Prompts);
    }

    [Fact]
    public async Task Run_CancelRequestedBehindAFinishedThought_SaysNothingTwice()
    {
        var client = new PlannedChatClient([new TextReasoningContent("plan"), "text"]);
        var harness = new LoopHarness(client);
        await harness.RunAsync(loseAfter: 4);
        harness.CancelRequested = true;

        await harness.RunAsync();

        Assert.Equal(["plan", "text"], harness.Steps.Select(step => step.Content));
        Assert.Equal([null, true], harness.Steps.Select(step => step.CutOff));
    }

    [Fact]
    public async Task Run_CancelledRightBehindItsStart_UsesNoStepThatTheStartTookBack()
    {
        LoopHarness? harness = null;
        var client = new PlannedChatClient(["some ", "text", "more"]);
        harness = new LoopHarness(client)
        {
            Kept = sessionEvent =>
            {
                if (sessionEvent is RunStarted { Attempt: 2 })
                {
                    harness!.Control.Cancel();
                }
            },
        };
        await harness.RunAsync(loseAfter: 3);

        await harness.RunAsync();

        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
        Assert.Single(harness.Log.OfType<StepSuperseded>());
        Assert.Empty(harness.Log.OfType<ReasoningStep>());
    }

    [Theory]
    [InlineData(2, "not executed")]
    [InlineData(3, "not known")]
    public async Task Run_EarlierTurnEndedBeforeAResult_IsToldWhetherTheCallHadBegun(int loseAfter, string expected)
    {
        var first = new LoopHarness(new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")]), _tools.Save());
        await first.RunAsync(loseAfter);
        first.CancelRequested = true;
        await first.RunAsync();
        var client = new PlannedChatClient(["answer"]);
        var second = new LoopHarness(client, _tools.Save()) { Conversation = [first.AsTurn()] };

        await second.RunAsync();

        Assert.Contains(expected, Assert.Single(Results(client.Prompts[0])).Result?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TakenOverWhenItsTimeIsUp_BeginsNoCall()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")]);
        var harness = new LoopHarness(client, _tools.Save());
        await harness.RunAsync(loseAfter: 2);
        harness.Limits.WallTime = TimeSpan.Zero;

        await harness.RunAsync();

        Assert.Equal("wall_time", harness.Finished?.ErrorCode);
        Assert.DoesNotContain(harness.Steps, step => step.StepType == StepType.ToolUse);
        Assert.Empty(_tools.Executed);
    }

    [Fact]
    public async Task Run_ToolTimeUsedUpWithinAReply_StartsNoFurtherTool()
    {
        var clock = new FakeTimeProvider();
        var client = new PlannedChatClient(
            [Call("c1", "save", """{"text":"a"}"""), Call("c2", "save", """{"text":"b"}""")], ["never asked"]);
        var slow = _tools.Save(_ =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        });
        var harness = new LoopHarness(client, slow) { Time = clock, Limits = new AgentLimits { ToolTime = TimeSpan.FromSeconds(1) } };

        await harness.RunAsync();

        Assert.Equal(["save:a"], _tools.Executed);
        Assert.Equal("tool_time", harness.Finished?.ErrorCode);
    }

    [Fact]
    public async Task Run_FailsInItsSecondReply_SaysSoInTheError()
    {
        var client = new PlannedChatClient(
            [Call("c1", "look", """{"text":"a"}""")],
            [new PlannedChatClient.Always(new ModelException("model_auth", "Set OPENAI_API_KEY."))]);
        var harness = new LoopHarness(client, _tools.Look());

        await harness.RunAsync();

        Assert.Equal(2, Assert.Single(harness.Steps, step => step.StepType == StepType.Error).Iteration);
    }

    [Fact]
    public async Task Run_ArgumentsOfAProvidersClientWithHalfACharacter_AreAnErrorTheModelReads()
    {
        var call = new FunctionCallContent("c1", "save", new Dictionary<string, object?> { ["text"] = JsonElement.Parse("\"\\ud83d\"") });
        var client = new PlannedChatClient([call], ["then without"]);
        var harness = new LoopHarness(client, _tools.Save());

        await harness.RunAsync();

        Assert.True(Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).IsError);
        Assert.All(harness.Log, sessionEvent => EnvelopeCodec.EncodeBody(sessionEvent, RunId.New(), DateTimeOffset.UnixEpoch));
        Assert.Empty(_tools.Executed);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_ToolWithASchemaThatIsNone_LeavesTheArgumentsToTheTool()
    {
        var client = new PlannedChatClient([Call("c1", "odd", """{"text":"a"}""")], ["done"]);
        var harness = new LoopHarness(client, new AgentTool(new OddSchema()));

        await harness.RunAsync().WaitAsync(TestTimeouts.Default);

        Assert.Equal("ToolUse ToolResult FinalAnswer", harness.Shape);
    }

    [Fact]
    public async Task Run_ToolWithASideEffectThrows_IsInDoubtRatherThanToBeRepeated()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["then I look first"]);
        var harness = new LoopHarness(client, _tools.Save(_ => throw new IOException("the disk, in the middle of the note")));

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal((true, true), (result.IsError, result.InDoubt));
        Assert.Contains("not known whether it took effect", result.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StreamBreaksInTheMiddle_AsksAgainAndTakesTheTextBack()
    {
        var client = new PlannedChatClient(["half", Broken(), " and half"]);
        var harness = new LoopHarness(client);

        await harness.RunAsync();

        var superseded = Assert.Single(harness.Log.OfType<StepSuperseded>());
        Assert.Equal(SupersededReason.Retried, superseded.Reason);
        Assert.Equal("half and half", Assert.Single(harness.Steps).Content);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_StreamBreaksEachTime_FailsWithWhatThereWas()
    {
        var client = new PlannedChatClient(["half", new PlannedChatClient.Always(Broken())]);
        var harness = new LoopHarness(client) { Limits = new AgentLimits { ReplyAttempts = 2 } };

        await harness.RunAsync();

        Assert.Equal(2, client.Prompts.Count);
        Assert.Equal("FinalAnswer Error", harness.Shape);
        Assert.True(harness.Steps.First().CutOff);
        Assert.Equal("model_stream_broken", harness.Finished?.ErrorCode);
    }

    [Fact]
    public async Task Run_ModelRefuses_FailsWithItsSentenceAndNothingElse()
    {
        var client = new PlannedChatClient(
            [new PlannedChatClient.Always(
                new ModelException("model_auth", "Set OPENAI_API_KEY.", new InvalidOperationException("sk-secret")))]);
        var harness = new LoopHarness(client);

        await harness.RunAsync();

        Assert.Equal("Set OPENAI_API_KEY.", Assert.Single(harness.Steps).Content);
        Assert.Equal("model_auth", harness.Finished?.ErrorCode);
    }

    [Fact]
    public async Task Run_EmptyReplies_FailInsteadOfLookingLikeSuccess()
    {
        var client = new PlannedChatClient([new TextReasoningContent("hm")]);
        var harness = new LoopHarness(client);

        await harness.RunAsync();

        Assert.Equal(RunStatus.Failed, harness.Finished?.Status);
        Assert.Equal("model_empty_reply", harness.Finished?.ErrorCode);
    }

    [Fact]
    public async Task Run_ReplyEndsAtItsTokenLimit_SaysThatItWasCutOff()
    {
        var client = new PlannedChatClient(["long", ChatFinishReason.Length]);
        var harness = new LoopHarness(client);

        await harness.RunAsync();

        Assert.True(Assert.Single(harness.Steps).CutOff);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_ReplyEndsAtItsTokenLimitInACall_CallsNothing()
    {
        var client = new PlannedChatClient([Call("c1", "look", """{"text":"a"}"""), ChatFinishReason.Length], ["never asked"]);
        var harness = new LoopHarness(client, _tools.Look());

        await harness.RunAsync();

        Assert.Empty(_tools.Executed);
        Assert.Equal("model_output_limit", harness.Finished?.ErrorCode);
    }

    /// <summary>
    /// Invariant 3: whatever the moment at which a worker is lost, no recorded call is repeated,
    /// and none that is not idempotent happens twice.
    /// </summary>
    [Fact]
    public async Task Run_WorkerLostAfterAnyOutput_ExecutesNothingTwiceAndEndsOnce()
    {
        var outputs = await PlayAsync(int.MaxValue);
        Assert.InRange(outputs, 10, 100);
        for (var loseAfter = 1; loseAfter < outputs; loseAfter++)
        {
            await PlayAsync(loseAfter);
        }

        static async Task<int> PlayAsync(int loseAfter)
        {
            var tools = new TestTools();
            var client = new PlannedChatClient(
                [new TextReasoningContent(
                    "plan"), "First.", Call("c1", "save", """{"text":"a"}"""), Call("c2", "look", """{"text":"b"}""")],
                [Call("c3", "save", """{"text":"c"}""")],
                ["The ", "end"]);
            var harness = new LoopHarness(client, tools.Save(), tools.Look());

            await harness.RunAsync(loseAfter);
            var executedBefore = tools.Executed.ToList();
            var outputs = harness.Outputs;
            if (loseAfter < int.MaxValue)
            {
                await harness.RunAsync();
            }

            Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
            Assert.All(
                tools.Executed.Where(call => call.StartsWith("save", StringComparison.Ordinal)).GroupBy(call => call),
                calls => Assert.Single(calls));
            Assert.Equal("The end", harness.Steps.Last().Content);
            Assert.Equal(3, harness.Steps.Count(step => step.StepType == StepType.ToolUse));
            var results = harness.Steps.Where(step => step.StepType == StepType.ToolResult).ToList();
            Assert.Equal(3, results.Select(result => result.ToolCallId).Distinct().Count());
            Assert.Equal(3, results.Count);
            Assert.All(
                results,
                result => Assert.True(
                    result.InDoubt == true || tools.Executed.Contains(result.Content.Replace(" did ", ":", StringComparison.Ordinal))));

            // In doubt only what had begun, or was about to, when the worker was lost.
            Assert.True(results.Count(result => result.InDoubt == true) <= 1);
            Assert.Equal(harness.Steps.Select(step => step.StepId).Distinct().Count(), harness.Steps.Count());
            Assert.True(executedBefore.Count <= tools.Executed.Count);
            return outputs;
        }
    }

    [Fact]
    public async Task Run_EarlierTurns_ArePartOfThePromptWithCallsAndResultsTogether()
    {
        var first = new LoopHarness(new PlannedChatClient([Call("c1", "look", """{"text":"a"}""")], ["first answer"]), _tools.Look());
        await first.RunAsync();
        var turn = first.AsTurn();
        var client = new PlannedChatClient(["second answer"]);
        var second = new LoopHarness(client, _tools.Look()) { Conversation = [turn] };

        await second.RunAsync();

        Assert.Equal(
            [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.User],
            client.Prompts[0].Select(message => message.Role));
    }

    [Fact]
    public async Task Run_HistoryBeyondItsBudget_DropsTheOldestTurnsWhole()
    {
        var first = new LoopHarness(new PlannedChatClient([new string('x', 4_000)]));
        await first.RunAsync();
        var client = new PlannedChatClient(["answer"]);
        var short1 = new ConversationTurn(RunId.New(), "short", []);
        var second = new LoopHarness(client) { Conversation = [first.AsTurn(), short1], Limits = new AgentLimits { HistoryTokens = 500 } };

        await second.RunAsync();

        Assert.Equal(["be good", "short", "[The answer ended here.]", "question"], client.Prompts[0].Select(message => message.Text));
    }

    private sealed class OddSchema : AIFunction
    {
        public override string Name => "odd";

        public override JsonElement JsonSchema { get; } = JsonElement.Parse("""{"type":[1]}""");

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
            => default;
    }

    private static IEnumerable<FunctionResultContent> Results(IEnumerable<ChatMessage> prompt)
        => prompt.SelectMany(message => message.Contents).OfType<FunctionResultContent>();

    private static FunctionCallContent Call(string id, string name, string arguments) => ToolCallText.CreateCall(id, name, arguments);

    private static ModelStreamBrokenException Broken() => new(new ModelException("model_unavailable", "The model's stream broke."));
}
