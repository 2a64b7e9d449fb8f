using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Running.Calls;

public sealed class ApprovalLoopTests
{
    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_CallThatNeedsApproval_AsksBeforeAnythingOfTheReplyBegins()
    {
        var time = new FakeTimeProvider();
        var client = new PlannedChatClient([Call("c1", "look", """{"text":"a"}"""), Call("c2", "save", """{"text":"b"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Look(), _tools.Save())
        {
            Approvals = ["save"],
            Time = time,
            Limits = new AgentLimits { ApprovalTimeout = TimeSpan.FromMinutes(5) },
        };

        await harness.RunAsync();

        var question = Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Equal(
            ("save", """{"text":"b"}""", time.GetUtcNow() + TimeSpan.FromMinutes(5)),
            (question.ToolName, question.Arguments?.GetRawText(), question.ExpiresAt));
        Assert.Equal((RunStatus.Cancelled, 1), (harness.Parked?.IfCancelled.Status, harness.Parked?.IfCancelled.Iterations));
        Assert.Null(harness.Finished);
        Assert.Empty(_tools.Executed);

        harness.Decide(question, approved: true);
        await harness.RunAsync();

        Assert.Equal(["look:a", "save:b"], _tools.Executed);
        Assert.Equal("ToolUse ToolResult ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
        Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
    }

    [Fact]
    public async Task Run_EveryToolOfAnAgent_AsksForEachCall()
    {
        var client = new PlannedChatClient([Call("c1", "look", """{"text":"a"}"""), Call("c2", "save", """{"text":"b"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Look(), _tools.Save()) { Approvals = ["*"] };

        await harness.RunAsync();

        Assert.Equal(["look", "save"], harness.Log.OfType<ToolApprovalRequired>().Select(question => question.ToolName));
    }

    [Theory]
    [InlineData("save", "{\"text\":{}}")]
    [InlineData("save", "{\"text\":")]
    [InlineData("nothing", "{}")]
    public async Task Run_CallThatCanNotBegin_AsksNobody(string tool, string arguments)
    {
        var client = new PlannedChatClient([Call("c1", tool, arguments)], ["then without"]);
        var harness = new LoopHarness(client, _tools.Save()) { Approvals = ["*"] };

        await harness.RunAsync();

        Assert.Empty(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Equal("ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Empty(_tools.Executed);
    }

    [Fact]
    public async Task Run_Refused_TellsTheModelAndExecutesNothing()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}"""), Call("c2", "save", """{"text":"b"}""")], ["I see."]);
        var harness = new LoopHarness(client, _tools.Save()) { Approvals = ["save"] };
        await harness.RunAsync();
        var questions = harness.Log.OfType<ToolApprovalRequired>().ToList();
        harness.Decide(questions[0], approved: false, reason: "not today");
        harness.Decide(questions[1], approved: true);

        await harness.RunAsync();

        Assert.Equal(["save:b"], _tools.Executed);
        Assert.Equal("ToolUse ToolResult ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Equal([true, null], harness.Steps.Where(step => step.StepType == StepType.ToolResult).Select(step => step.IsError));
        var read = Results(client.Prompts[^1]);
        Assert.Contains("refused", read[0], StringComparison.Ordinal);
        Assert.Contains("not today", read[0], StringComparison.Ordinal);
        Assert.Equal("save did b", read[1]);
    }

    [Fact]
    public async Task Run_Expired_TellsTheModelThatNobodyAnswered()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["I see."]);
        var harness = new LoopHarness(client, _tools.Save()) { Approvals = ["save"] };
        await harness.RunAsync();
        harness.Decide(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: false, expired: true);

        await harness.RunAsync();

        Assert.Empty(_tools.Executed);
        Assert.Contains("nobody answered", Assert.Single(Results(client.Prompts[^1])), StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_EditedArguments_RunWithThemAndTheModelIsTold()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Save()) { Approvals = ["save"] };
        await harness.RunAsync();
        harness.Decide(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: true, edited: """{"text":"better"}""");

        await harness.RunAsync();

        Assert.Equal(["save:better"], _tools.Executed);
        Assert.Equal("""{"text":"better"}""", harness.Steps.Single(step => step.StepType == StepType.ToolUse).Arguments?.GetRawText());
        foreach (var prompt in new[] { client.Prompts[^1], await NextTurnAsync(harness) })
        {
            var read = Assert.Single(Results(prompt));
            Assert.Contains("""{"text":"better"}""", read, StringComparison.Ordinal);
            Assert.Contains("save did better", read, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_EditedIntoNonsense_IsAnErrorTheModelReads()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Save()) { Approvals = ["save"] };
        await harness.RunAsync();
        harness.Decide(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: true, edited: """{"text":{}}""");

        await harness.RunAsync();

        Assert.Empty(_tools.Executed);
        Assert.Contains("can't be used", Assert.Single(Results(client.Prompts[^1])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_LostAnywhereAfterTheAnswer_ExecutesAtMostOnceAndEnds(bool edited)
    {
        for (var loseAfter = 1; ; loseAfter++)
        {
            var tools = new TestTools();
            var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
            var harness = new LoopHarness(client, tools.Save()) { Approvals = ["save"] };
            await harness.RunAsync();
            harness.Decide(
                Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: true, edited: edited ? """{"text":"b"}""" : null);

            await harness.RunAsync(loseAfter);
            if (harness.Finished is not null)
            {
                return;
            }

            await harness.RunAsync();

            Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
            Assert.InRange(tools.Executed.Count, 0, 1);
            Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
            var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
            Assert.Equal(tools.Executed.IsEmpty, result.InDoubt == true);
        }
    }

    [Fact]
    public async Task Run_WaitedForHours_HasItsWallTimeStill()
    {
        var time = new FakeTimeProvider();
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Save()) { Approvals = ["save"], Time = time, FirstStartedAt = time.GetUtcNow() };
        await harness.RunAsync();
        harness.Decide(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: true);
        time.Advance(TimeSpan.FromHours(9));
        harness.ParkedFor = TimeSpan.FromHours(9);

        await harness.RunAsync();

        Assert.Equal((RunStatus.Completed, 0), (harness.Finished?.Status, harness.Finished?.DurationMs));
    }

    [Fact]
    public async Task Run_ParkRefusedSinceCancellingWasAskedFor_EndsCancelled()
    {
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
        LoopHarness? harness = null;
        harness = new LoopHarness(client, _tools.Save()) { Approvals = ["save"], ParkIsRefused = true };

        await harness.RunAsync();

        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
        Assert.Empty(_tools.Executed);
    }

    [Fact]
    public async Task Agent_ByItself_AsksWhoeverCallsIt()
    {
        var definition = new AgentDefinition { Name = "tester", Tools = [_tools.Save()], Approvals = ["save"] };
        var client = new PlannedChatClient([Call("c1", "save", """{"text":"a"}""")], ["done"]);
        var refusing = new ReasoningAgent(definition, client, TimeProvider.System, NullLogger<ReasoningAgent>.Instance);
        var approving = new ReasoningAgent(definition, client, TimeProvider.System, NullLogger<ReasoningAgent>.Instance)
        {
            Approve = (question, _) =>
                ValueTask.FromResult(new ToolApprovalResolved { ToolCallId = question.ToolCallId, Approved = true, By = "test" }),
        };

        var refused = await refusing.RunWithReasoningAsync("save a");
        Assert.Empty(_tools.Executed);
        var approved = await approving.RunWithReasoningAsync("save a");

        Assert.Equal("done", refused.Answer);
        Assert.Equal("done", approved.Answer);
        Assert.Equal(["save:a"], _tools.Executed);
    }

    [Fact]
    public async Task Run_EveryToolOfAPattern_AsksForEachCall()
    {
        var client = new PlannedChatClient([Call("c1", "look_up", """{"text":"a"}"""), Call("c2", "look", """{"text":"b"}""")], ["done"]);
        var harness = new LoopHarness(client, _tools.Look(), _tools.Look(name: "look_up")) { Approvals = ["look_*"] };

        await harness.RunAsync();

        Assert.Equal(["look_up"], harness.Log.OfType<ToolApprovalRequired>().Select(question => question.ToolName));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"text":"b"}""")]
    public async Task Run_LostInACallThatMustBeApprovedSince_AsksBeforeItIsRepeated(string? edited)
    {
        var harness = await LoseInACallAsync();
        harness.Approvals = ["look"];

        await harness.RunAsync();

        var question = Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Empty(_tools.Executed);

        harness.Decide(question, approved: true, edited: edited);
        await harness.RunAsync();

        Assert.Equal([edited is null ? "look:a" : "look:b"], _tools.Executed);
        Assert.Equal(edited ?? """{"text":"a"}""", harness.Steps.Last(step => step.StepType == StepType.ToolUse).Arguments?.GetRawText());
        Assert.Equal(edited is null ? 1 : 2, harness.Steps.Count(step => step.StepType == StepType.ToolUse));
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_LostInACallThatNobodyLetsRepeat_SaysThatItIsInDoubt()
    {
        var harness = await LoseInACallAsync();
        harness.Approvals = ["look"];
        await harness.RunAsync();
        harness.Decide(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: false);

        await harness.RunAsync();

        Assert.Empty(_tools.Executed);
        Assert.Equal("ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.True(harness.Steps.Single(step => step.StepType == StepType.ToolResult).InDoubt);
    }

    /// <summary>The worker is lost right after it said that it calls an idempotent tool; nobody had to be asked.</summary>
    private async Task<LoopHarness> LoseInACallAsync()
    {
        for (var loseAfter = 1; ; loseAfter++)
        {
            var harness = new LoopHarness(new PlannedChatClient([Call("c1", "look", """{"text":"a"}""")], ["done"]), _tools.Look());
            await harness.RunAsync(loseAfter);
            if (harness.Steps.Any(step => step.StepType == StepType.ToolUse))
            {
                return harness;
            }
        }
    }

    private static FunctionCallContent Call(string id, string name, string arguments) => ToolCallText.CreateCall(id, name, arguments);

    private static List<string?> Results(IReadOnlyList<ChatMessage> prompt)
        => [.. prompt.SelectMany(message => message.Contents)
            .OfType<FunctionResultContent>()
            .Select(result => UntrustedText.Unmark(result.Result?.ToString() ?? ""))];

    /// <summary>What a later turn's model reads of this one.</summary>
    private static async Task<IReadOnlyList<ChatMessage>> NextTurnAsync(LoopHarness earlier)
    {
        var client = new PlannedChatClient(["later"]);
        await new LoopHarness(client) { Conversation = [earlier.AsTurn()] }.RunAsync();
        return client.Prompts[^1];
    }
}
