using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;

namespace AgentStream.Tests.Worker.Running.Execution;

/// <summary>What a reply costs is counted, whatever became of it.</summary>
public sealed class ReplyCostTests
{
    private static readonly string Long = new('x', 400);

    [Fact]
    public async Task Reply_BrokenOffAndAskedForAgain_IsCountedBesideTheWholeOne()
    {
        var harness = new LoopHarness(new PlannedChatClient([Long, Broken(), "done", Counted(10, 5)]));

        await harness.RunAsync();

        var usage = harness.Finished!.Usage!;
        Assert.True(usage.Estimated);
        Assert.True(usage.OutputTokens >= 100 + 5, $"{usage.OutputTokens}");
        Assert.Equal([true, false], harness.Log.OfType<UsageReported>().Select(one => one.Estimated));
        Assert.Equal(usage.TotalTokens, harness.Log.OfType<UsageReported>().Sum(one => one.TotalTokens));
        Assert.Equal("planned", usage.Model);
    }

    [Fact]
    public async Task Reply_OfAModelWithAPrice_CostsMoney_WhateverBecameOfIt()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["AgentStream:Prices:planned:Output"] = "1000000" }).Build();
        var harness = new LoopHarness(new PlannedChatClient([Long, Broken(), "done", Counted(10, 5)]))
        {
            Prices = new ModelPrices(configuration),
        };

        await harness.RunAsync();

        Assert.Equal(harness.Finished!.Usage!.OutputTokens, harness.Finished.Usage.Cost);
    }

    [Fact]
    public async Task Reply_BrokenForGood_CountsAllItsAttempts()
    {
        var harness = new LoopHarness(new PlannedChatClient([Long, new PlannedChatClient.Always(Broken())]))
        {
            Limits = new() { ReplyAttempts = 3 },
        };

        await harness.RunAsync();

        Assert.True(harness.Finished!.Usage!.OutputTokens >= 300);
        Assert.Equal(3, harness.Log.OfType<UsageReported>().Count());
    }

    [Fact]
    public async Task Replies_BrokenOff_CountTowardsTheTokenLimit()
    {
        var client = new PlannedChatClient([Long, new PlannedChatClient.Always(Broken())]);
        var harness = new LoopHarness(client) { Limits = new() { ReplyAttempts = 10, MaxTokens = 150 } };

        await harness.RunAsync();

        Assert.Equal("token_limit", harness.Finished!.ErrorCode);
        Assert.True(client.Prompts.Count < 10);
    }

    [Fact]
    public async Task Reply_CancelledInTheMiddle_IsCountedByEstimate()
    {
        LoopHarness? harness = null;
        harness = new LoopHarness(new PlannedChatClient([Long, (Action)(() => harness!.Control.Cancel()), "more"]));

        await harness.RunAsync();

        Assert.Equal(RunStatus.Cancelled, harness.Finished!.Status);
        Assert.True(harness.Finished.Usage is { Estimated: true, OutputTokens: >= 100 });
    }

    [Fact]
    public async Task Reply_LostWithItsWorker_IsCountedByTheNext()
    {
        var harness = new LoopHarness(new PlannedChatClient([Long, "done", Counted(10, 5)]));

        // The start, and the first delta.
        await harness.RunAsync(loseAfter: 2);
        await harness.RunAsync();

        var usage = harness.Finished!.Usage!;
        Assert.True(usage is { Estimated: true, OutputTokens: >= 105 });
        Assert.Equal(usage.TotalTokens, harness.Log.OfType<UsageReported>().Sum(one => one.TotalTokens));
    }

    [Fact]
    public async Task Reply_ThatIsAllThoughtsAndReachesItsLimit_IsNotAskedForAgain()
    {
        var client = new PlannedChatClient([new TextReasoningContent("hm"), ChatFinishReason.Length, Counted(10, 5)]);
        var harness = new LoopHarness(client);

        await harness.RunAsync();

        Assert.Equal(("model_output_limit", 15L), (harness.Finished!.ErrorCode, harness.Finished.Usage!.TotalTokens));
        Assert.Single(client.Prompts);
        Assert.Equal("Thought Error", harness.Shape);
    }

    [Fact]
    public async Task Reply_FilteredBehindThoughts_IsTheContentFilter()
    {
        var harness = new LoopHarness(new PlannedChatClient([new TextReasoningContent("hm"), ChatFinishReason.ContentFilter]));

        await harness.RunAsync();

        Assert.Equal(("model_content_filter", RunStatus.Failed), (harness.Finished!.ErrorCode, harness.Finished.Status));
        Assert.Contains(harness.Steps, step => step.StepType == StepType.Error);
    }

    [Fact]
    public async Task Reply_WithMoreCallsThanAllowed_HasTheOthersRefusedInWords()
    {
        var tools = new TestTools();
        var client = new PlannedChatClient(
            [.. Enumerable.Range(1, 5).Select(i => ToolCallText.CreateCall($"c{i}", "look", $$"""{"text":"{{i}}"}"""))], ["done"]);
        var harness = new LoopHarness(client, tools.Look()) { Limits = new() { ToolCallsPerReply = 2 } };

        await harness.RunAsync();

        Assert.Equal(["look:1", "look:2"], tools.Executed.Order());
        var results = client.Prompts[1].SelectMany(message => message.Contents).OfType<FunctionResultContent>().ToList();
        Assert.Equal(5, results.Count);
        Assert.Equal(3, results.Count(result => result.Result!.ToString()!.Contains("not executed", StringComparison.Ordinal)));
        Assert.Equal(RunStatus.Completed, harness.Finished!.Status);
    }

    [Fact]
    public async Task Reply_WithCallsWithoutEnd_EndsTheRun()
    {
        var calls = Enumerable.Range(1, 1_100).Select(object (i) => ToolCallText.CreateCall($"c{i}", "look", "{}"));
        var harness = new LoopHarness(new PlannedChatClient([.. calls]), new TestTools().Look());

        await harness.RunAsync();

        Assert.Equal("model_too_many_calls", harness.Finished!.ErrorCode);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(8)]
    [InlineData(6)]
    public async Task SignedThoughts_GoBackToTheModelWhereTheyStood_AlsoFromAnotherWorker(int loseAfter)
    {
        var client = new PlannedChatClient(
            [
                OpaqueThought.Create("p/m", "sig1"), "be", "fore", OpaqueThought.Create("p/m", "sig2"), "after",
                ToolCallText.CreateCall("c1", "look", """{"text":"a"}"""),
            ], ["done"]);
        var harness = new LoopHarness(client, new TestTools().Look());

        await harness.RunAsync(loseAfter);
        if (harness.Finished is null)
        {
            await harness.RunAsync();
        }

        var contents = client.Prompts[^1].Last(message => message.Role == ChatRole.Assistant).Contents;
        Assert.Equal(
            ["sig1", "before", "sig2", "after", "look"],
            contents.Select(content => content switch
            {
                TextReasoningContent thought => thought.ProtectedData,
                TextContent text => text.Text,
                FunctionCallContent call => call.Name,
                _ => null,
            }));
        Assert.DoesNotContain(harness.Steps, step => step.Content.Contains("sig", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SignedThoughts_OfAnEarlierTurn_GoBackToo()
    {
        var first = new LoopHarness(new PlannedChatClient([OpaqueThought.Create("p/m", "sig1"), "answer"]));
        await first.RunAsync();
        var client = new PlannedChatClient(["done"]);

        await new LoopHarness(client) { Conversation = [first.AsTurn()] }.RunAsync();

        Assert.Equal(
            "sig1", Assert.Single(client.Prompts[0].SelectMany(message => message.Contents).OfType<TextReasoningContent>()).ProtectedData);
    }

    [Fact]
    public async Task History_Supplied_StandsInForTheSessionsOwnWithinTheBudget()
    {
        var earlier = new LoopHarness(new PlannedChatClient(["the session's answer"]));
        await earlier.RunAsync();
        var client = new PlannedChatClient(["done"]);
        var harness = new LoopHarness(client)
        {
            Conversation = [earlier.AsTurn()],
            Limits = new() { HistoryTokens = 50 },
            History =
            [
                new HistoryMessage { Role = "user", Content = Long },
                new HistoryMessage { Role = "user", Content = "supplied question" },
                new HistoryMessage { Role = "assistant", Content = "supplied answer" },
            ],
        };

        await harness.RunAsync();

        Assert.Equal(
            ["system:be good", "user:supplied question", "assistant:supplied answer", "user:question"],
            client.Prompts[0].Select(message => $"{message.Role}:{message.Text}"));
    }

    private static UsageContent Counted(long input, long output)
        => new(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output });

    private static ModelStreamBrokenException Broken() => new(new ModelException("model_unavailable", "The model's stream broke."));
}
