using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Worker.Models;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Tools.Arguments;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running.Delegation;

public sealed class DelegationTests
{
    private static readonly object[] Delegating =
        ["I will ask. ", Call("c1", "delegate", """{"agent":"helper","task":"find it"}"""), Usage(10)];

    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_HandsAPartOn_StreamsTheOtherAgentsStepsInsideItsCall()
    {
        var harness = Harness();

        await harness.RunAsync();

        Assert.Equal("Thought ToolUse Thought ToolUse ToolResult ToolResult FinalAnswer", harness.Shape);
        var steps = harness.Steps.ToList();
        var call = steps[1];
        Assert.Equal(["tester", "tester", "helper", "helper", "helper", "helper", "tester"], steps.Select(step => step.AgentName));
        Assert.Equal([null, null, call.StepId, call.StepId, call.StepId, call.StepId, null], steps.Select(step => step.ParentStepId));
        Assert.Equal(("It is here.", call.ToolCallId, "delegate"), (steps[5].Content, steps[5].ToolCallId, steps[5].ToolName));
        Assert.Equal("It is here, says the helper.", steps[6].Content);
        Assert.Equal(["save:note"], _tools.Executed);
        Assert.Equal(steps.Select(step => step.StepId).Distinct().Count(), steps.Count);
        foreach (var step in steps.Where(
            step => step.StepType is StepType.Thought or StepType.FinalAnswer || step.StepId == steps[5].StepId))
        {
            var deltas = harness.Log.OfType<StepDelta>().Where(delta => delta.StepId == step.StepId).ToList();
            Assert.Equal(step.Content, string.Concat(deltas.Select(delta => delta.Delta)));
            Assert.All(deltas, delta => Assert.Equal((step.ParentStepId, step.AgentName), (delta.ParentStepId, delta.AgentName)));
        }

        Assert.DoesNotContain(
            harness.Log.OfType<StepDelta>(), delta => delta.ParentStepId is not null && delta.StepType == DeltaType.Answer);
        Assert.Single(harness.Log.OfType<RunStarted>());
        Assert.Equal((RunStatus.Completed, 10 + 7 + 7 + 10), (harness.Finished!.Status, (int)harness.Finished.Usage!.TotalTokens));
        Assert.Equal(2, harness.Finished.Iterations);
    }

    /// <summary>
    /// Wherever workers are lost, and however often: the same answer, nothing executed that has a result, nothing with a side effect twice.
    /// </summary>
    [Fact]
    public async Task Run_WorkersLostAnywhere_EndsTheSameAndExecutesNothingTwice()
    {
        var whole = Harness();
        await whole.RunAsync();
        var outputs = whole.Outputs;
        for (var lost = 1; lost < outputs; lost++)
        {
            await CheckAsync([lost]);
        }

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(Gen.Choose(1, outputs).ListOf(3).ToArbitrary(), losses => CheckAsync([.. losses]).GetAwaiter().GetResult()));
    }

    private static async Task CheckAsync(int[] losses)
    {
        var test = new DelegationTests();
        var harness = test.Harness();
        foreach (var loss in losses)
        {
            if (harness.Finished is null)
            {
                await harness.RunAsync(loss);
            }
        }

        if (harness.Finished is null)
        {
            await harness.RunAsync();
        }

        Assert.Equal(RunStatus.Completed, harness.Finished!.Status);
        var steps = harness.Steps.ToList();
        var last = steps[^1];
        Assert.Equal((StepType.FinalAnswer, "It is here, says the helper."), (last.StepType, last.Content));
        Assert.Single(
            steps, step => step is { StepType: StepType.ToolResult, ToolName: "delegate", IsError: null, Content: "It is here." });
        Assert.True(test._tools.Executed.Count <= 1);

        // Called once or in doubt: nothing in between.
        var save = Assert.Single(steps, step => step is { StepType: StepType.ToolResult, ToolName: "save" });
        Assert.Equal(save.InDoubt == true ? null : "save did note", save.InDoubt == true ? null : save.Content);
        Assert.Equal(2, steps.Count(step => step.StepType == StepType.ToolUse));
        var use = steps.Single(step => step is { StepType: StepType.ToolUse, ToolName: "delegate" });
        Assert.All(steps.Where(step => step.AgentName == "helper"), step => Assert.Equal(use.StepId, step.ParentStepId));
        Assert.True(harness.Finished.Usage!.TotalTokens >= 34);

        // Nothing stands without an end.
        var open = harness.Log.OfType<StepDelta>().Select(delta => delta.StepId).ToHashSet();
        open.ExceptWith(harness.Log.OfType<StepSuperseded>().SelectMany(superseded => superseded.StepIds));
        open.ExceptWith(steps.Select(step => step.StepId));
        Assert.Empty(open);
    }

    [Fact]
    public async Task Run_ShowsNoReasoning_HidesWhatTheOtherAgentDoes()
    {
        var harness = Harness(hidden: new HiddenReasoning());

        await harness.RunAsync();

        Assert.Equal("It is here, says the helper.", Assert.Single(harness.Steps).Content);
        Assert.All(harness.Log.OfType<StepDelta>(), delta => Assert.Null(delta.ParentStepId));
        Assert.Equal(34, harness.Finished!.Usage!.TotalTokens);
    }

    [Fact]
    public async Task Run_CancelledWhileTheOtherAgentWrites_EndsBothWithThePartialText()
    {
        LoopHarness? harness = null;
        harness = Harness(helper: new PlannedChatClient(["partial", (Action)(() => harness!.Control.Cancel()), "never"]));

        await harness.RunAsync();

        Assert.Equal(RunStatus.Cancelled, harness.Finished!.Status);
        var partial = Assert.Single(harness.Steps, step => step.AgentName == "helper" && step.StepType == StepType.Thought);
        Assert.Equal(("partial", true), (partial.Content, partial.CutOff));
        Assert.True(Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).IsError);
        Assert.DoesNotContain(harness.Steps, step => step.StepType is StepType.FinalAnswer or StepType.Error);
    }

    [Fact]
    public async Task Run_OtherAgentFails_IsAResultThatTheFirstGoesOnWith()
    {
        var harness = Harness(
            helper: new PlannedChatClient([new PlannedChatClient.Always(new ModelException("model_auth", "Set OPENAI_API_KEY."))]));

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.True(result.IsError);
        Assert.Contains("Set OPENAI_API_KEY.", result.Content, StringComparison.Ordinal);
        Assert.DoesNotContain(harness.Steps, step => step.StepType == StepType.Error);
        Assert.Equal(RunStatus.Completed, harness.Finished!.Status);
    }

    [Theory]
    [InlineData(1_000, 5, "limit of 5 tokens", RunStatus.Completed)]
    [InlineData(14, 1_000, "limit of 4 tokens", RunStatus.Failed)]
    public async Task Run_OtherAgentUsesUpItsTokens_StopsAtItsOwnLimitAndAtWhatTheFirstHasLeft(
        long outer, long inner, string expected, RunStatus status)
    {
        var harness = Harness(limits: new AgentLimits { MaxTokens = outer }, helperLimits: new AgentLimits { MaxTokens = inner });

        await harness.RunAsync();

        Assert.Contains(
            expected, Assert.Single(harness.Steps, step => step is { StepType: StepType.ToolResult, ToolName: "delegate" }).Content,
            StringComparison.Ordinal);
        Assert.Equal(status, harness.Finished!.Status);
    }

    [Fact]
    public async Task Run_AgentsThatAskEachOther_EndAtTheDepth()
    {
        var endless = new PlannedChatClient([Call("c", "delegate", """{"agent":"tester","task":"you do it"}""")], ["nobody did it"]);
        using var models = TestCatalog.Of(endless);
        var harness = new LoopHarness(endless)
        {
            Agents = new AgentSet(
                [new AgentDefinition
                {
                    Name = "tester",
                    Description = "Asks itself.",
                    Delegates = ["tester"],
                    Limits = new AgentLimits { DelegationDepth = 3 },
                }]),
            Models = models,
        };

        await harness.RunAsync();

        Assert.Equal(RunStatus.Completed, harness.Finished!.Status);
        var uses = harness.Steps.Where(step => step.StepType == StepType.ToolUse).ToList();
        Assert.Equal(4, uses.Count);
        Assert.Equal([null, uses[0].StepId, uses[1].StepId, uses[2].StepId], uses.Select(use => use.ParentStepId));
        Assert.Equal(uses.Count, uses.Select(use => use.ToolCallId).Distinct().Count());
        Assert.Contains(
            harness.Steps,
            step => step is { StepType: StepType.ToolResult, IsError: true }
                && step.Content.Contains("no tool called 'delegate'", StringComparison.Ordinal));
    }

    [Fact]
    public void Tool_ShowsTheModelWhoCanBeAsked()
    {
        var agents = new AgentSet(
        [
            new AgentDefinition { Name = "tester", Delegates = ["helper", "nobody"] },
            new AgentDefinition { Name = "helper", Description = "Finds things." },
        ]);
        Assert.True(agents.TryGet("tester", out var tester));
        var tool = Assert.Single(tester.Tools);
        var schema = tool.JsonSchema.GetProperty("properties").GetProperty("agent");

        Assert.Equal(["helper"], schema.GetProperty("enum").EnumerateArray().Select(name => name.GetString()));
        Assert.Contains("helper: Finds things.", schema.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal([("tester", "nobody")], agents.MissingDelegates);
        Assert.False(tool.TryParseArguments("""{"agent":"nobody","task":"x"}""", out _, out _));
    }

    [Fact]
    public async Task Run_OtherAgentHasToAskAPerson_ParksTheWholeRunAndGoesOnInsideIt()
    {
        var harness = Harness(approvals: ["save"]);

        await harness.RunAsync();

        Assert.Null(harness.Finished);
        Assert.NotNull(harness.Parked);
        Assert.Equal(17, harness.Parked.IfCancelled.Usage!.TotalTokens);
        Assert.Empty(_tools.Executed);
        var question = Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Equal("save", question.ToolName);

        harness.Decide(question, approved: true);
        await harness.RunAsync();

        Assert.Equal(["save:note"], _tools.Executed);
        Assert.Equal("It is here, says the helper.", harness.Steps.Last().Content);
        Assert.Equal((RunStatus.Completed, 34L), (harness.Finished!.Status, harness.Finished.Usage!.TotalTokens));
        Assert.Equal(2, harness.Steps.Count(step => step.StepType == StepType.ToolUse));
    }

    /// <summary>
    /// The hour that the run waited for a person is nobody's time: neither does it end the other agent, nor does it add to what that has.
    /// </summary>
    [Theory]
    [InlineData(0, 1.0, null)]
    [InlineData(0, 3.0, "limit of 0:02:00")]
    [InlineData(14, 1.5, "limit of 0:01:00")]
    public async Task Run_DelegatesAfterAPersonsHour_GivesTheOtherAgentNoMoreThanItsOwnTime(int before, double minutes, string? expected)
    {
        var time = new FakeTimeProvider();
        var helper = new PlannedChatClient(["It is ", (Action)(() => time.Advance(TimeSpan.FromMinutes(minutes))), "here.", Usage(7)]);
        var harness = Harness(
            helper,
            helperLimits: new AgentLimits { WallTime = TimeSpan.FromMinutes(2) },
            time: time,
            outerApprovals: ["delegate"]);
        await harness.RunAsync();
        time.Advance(TimeSpan.FromMinutes(60 + before));
        harness.ParkedFor = TimeSpan.FromMinutes(60);
        harness.Decide(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), approved: true);

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal(expected is not null, result.IsError == true);
        Assert.Contains(expected ?? "It is here.", result.Content, StringComparison.Ordinal);
        Assert.True(result.DurationMs <= TimeSpan.FromMinutes(minutes).TotalMilliseconds, $"{result.DurationMs}");
    }

    [Fact]
    public async Task Run_WhoseOwnTimeIsOver_EndsTheOtherAgentToo()
    {
        var time = new FakeTimeProvider();
        var helper = new PlannedChatClient(["It is ", (Action)(() => time.Advance(TimeSpan.FromMinutes(6))), "here.", Usage(7)]);
        var harness = Harness(
            helper, limits: new AgentLimits { WallTime = TimeSpan.FromMinutes(5) },
            helperLimits: new AgentLimits { WallTime = TimeSpan.FromHours(1) }, time: time);

        await harness.RunAsync();

        Assert.True(Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).IsError);
        Assert.Equal("wall_time", harness.Finished!.ErrorCode);
    }

    [Fact]
    public async Task Run_LaterTurn_HasTheDelegationAsOneCallWithItsResult()
    {
        var first = Harness();
        await first.RunAsync();
        var client = new PlannedChatClient(["fine"]);
        var second = new LoopHarness(client) { Conversation = [first.AsTurn()] };

        await second.RunAsync();

        var results = client.Prompts[0].SelectMany(message => message.Contents).OfType<FunctionResultContent>();
        Assert.Contains("It is here.", Assert.Single(results).Result?.ToString(), StringComparison.Ordinal);
    }

    private LoopHarness Harness(
        IChatClient? helper = null,
        HiddenReasoning? hidden = null,
        AgentLimits? limits = null,
        AgentLimits? helperLimits = null,
        string[]? approvals = null,
        TimeProvider? time = null,
        string[]? outerApprovals = null)
    {
        helper ??= new PlannedChatClient(
            [new TextReasoningContent("where is it?"), Call("h1", "save", """{"text":"note"}"""), Usage(7)],
            ["It is ", "here.", Usage(7)]);
        var client = new PlannedChatClient(Delegating, ["It is here, ", "says the helper.", Usage(10)]);
        var models = TestCatalog.Of([new ModelProvider("helper", "planned", "planned", takesOtherModels: false, _ => helper)], "helper");
        return new LoopHarness(client)
        {
            Hidden = hidden,
            Time = time ?? TimeProvider.System,
            FirstStartedAt = time?.GetUtcNow(),
            Models = models,
            Agents = new AgentSet(
            [
                new AgentDefinition
                {
                    Name = "tester",
                    Delegates = ["helper"],
                    Limits = limits ?? new AgentLimits(),
                    Approvals = outerApprovals ?? [],
                },
                new AgentDefinition
                {
                    Name = "helper",
                    Description = "Finds things.",
                    Model = "helper",
                    Tools = [_tools.Save()],
                    Limits = helperLimits ?? new AgentLimits(),
                    Approvals = approvals ?? [],
                },
            ]),
        };
    }

    private static FunctionCallContent Call(string id, string name, string arguments) => ToolCallText.CreateCall(id, name, arguments);

    private static UsageContent Usage(int total)
        => new(new UsageDetails { InputTokenCount = total - 1, OutputTokenCount = 1, TotalTokenCount = total });
}
