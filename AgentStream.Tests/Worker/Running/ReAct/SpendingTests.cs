using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;

namespace AgentStream.Tests.Worker.Running.ReAct;

/// <summary>What a run may cost.</summary>
public sealed class SpendingTests
{
    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_ThatHasCostWhatItMay_EndsBeforeItsNextReply()
    {
        var client = Client();
        var harness = Harness(client, asks: false);

        await harness.RunAsync();

        var end = harness.Finished!;
        Assert.Equal((RunStatus.Failed, "cost_limit", 1.2m), (end.Status, end.ErrorCode, end.Usage!.Cost));
        Assert.Contains("1.2 of the 1 ", end.Error, StringComparison.Ordinal);
        Assert.Equal("ToolUse ToolResult ToolUse ToolResult Error", harness.Shape);
        Assert.Equal(2, client.Prompts.Count);
    }

    [Fact]
    public async Task Run_OfAModelWithoutAPrice_MayCostAnything()
    {
        var harness = new LoopHarness(Client(), _tools.Look()) { Limits = new AgentLimits { MaxCost = 0.1m } };

        await harness.RunAsync();

        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_ThatAsks_GoesOnWithLeave_AsksAgain_AndEndsWithoutIt()
    {
        var client = Client();
        var harness = Harness(client, asks: true);

        await harness.RunAsync();
        var first = Assert.Single(harness.Parked!.Events.OfType<ToolApprovalRequired>());
        harness.Decide(first, approved: true);
        await harness.RunAsync();
        var second = Assert.Single(harness.Parked!.Events.OfType<ToolApprovalRequired>());
        harness.Decide(second, approved: false);
        await harness.RunAsync();

        Assert.Equal(("spend_more", """{"amount":1,"spent":1.2}"""), (first.ToolName, first.Arguments!.Value.GetRawText()));
        Assert.NotEqual(first.ToolCallId, second.ToolCallId);
        Assert.Equal(4, client.Prompts.Count);
        Assert.Equal("cost_limit", harness.Finished!.ErrorCode);
        Assert.Equal(
            ["The run may cost 2 in all.", "A person refused: the run may not cost more."],
            harness.Steps.Where(step => step is { ToolName: "spend_more", StepType: StepType.ToolResult }).Select(step => step.Content));
        Assert.DoesNotContain(client.Prompts[^1], message => message.Text.Contains("cost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_WithMoreThanItAskedFor_IsAskedNothingElse_AndAWorkerThatTakesItOverAsksNobody()
    {
        var harness = Harness(Client(), asks: true);
        await harness.RunAsync();
        harness.Decide(
            harness.Parked!.Events.OfType<ToolApprovalRequired>().Single(), approved: true, edited: """{"amount":9,"spent":1.2}""");

        // The start, and what became of the question: then the worker is lost.
        await harness.RunAsync(loseAfter: 2);
        await harness.RunAsync();

        Assert.Equal((RunStatus.Completed, 3m), (harness.Finished!.Status, harness.Finished.Usage!.Cost));
        Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Single(harness.Log.OfType<ReasoningStep>(), step => step.Content == "The run may cost 10 in all.");
    }

    private LoopHarness Harness(IChatClient client, bool asks) => new(client, _tools.Look())
    {
        Limits = new AgentLimits { MaxCost = 1, AskAtMaxCost = asks },
        Prices = new ModelPrices(new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["AgentStream:Prices:planned:Output"] = "100000" }).Build()),
    };

    /// <summary>Five replies that cost 0.6 each, if each is asked for.</summary>
    private static PlannedChatClient Client()
        => new([Call(1), Cost()], [Call(2), Cost()], [Call(3), Cost()], [Call(4), Cost()], ["done", Cost()]);

    private static UsageContent Cost() => new(new UsageDetails { InputTokenCount = 1, OutputTokenCount = 6, TotalTokenCount = 7 });

    private static FunctionCallContent Call(int number) => ToolCallText.CreateCall($"c{number}", "look", """{"text":"a"}""");
}
