using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Worker.Hosting;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running.ReAct;

/// <summary>What a person says while a run is under way.</summary>
public sealed class SteeringTests
{
    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_ToldSomethingWhileAToolWorks_ReadsItBeforeTheNextReply()
    {
        LoopHarness? harness = null;
        var client = new PlannedChatClient([Call("c1")], ["done"]);
        harness = new LoopHarness(client, _tools.Look(during: _ => Once(() => harness!.Say("in euros", """{"page":7}"""))));

        await harness.RunAsync();

        Assert.Equal(3, client.Prompts.Count);
        Assert.Equal(
            [
                "system", "user question", "assistant look", "tool result",
                "assistant [The person says something before I go on.]",
                "user in euros\n\n[Context given with this message, as JSON]\n{\"page\":7}",
            ],
            client.Prompts[1].Select(Shape));
        Assert.Equal(client.Prompts[1].Select(Shape), client.Prompts[2].Select(Shape).Take(6));
        Assert.Equal("ToolUse ToolResult ToolUse ToolResult FinalAnswer", harness.Shape);
        var steered = Assert.Single(harness.Log.OfType<MessageSteered>());
        Assert.Equal(("in euros", 2), (steered.Message, steered.Iteration));
        Assert.IsType<ReasoningStep>(harness.Log[harness.Log.IndexOf(steered) - 1]);
    }

    [Fact]
    public async Task Run_WhoseWorkerIsLostRightAfterItTookSomethingUp_ReadsItOnceAndInTheSamePlace()
    {
        var client = new PlannedChatClient(["done"]);
        var harness = new LoopHarness(client);
        harness.Say("first");
        harness.Say("second");

        // The start, and both messages.
        await harness.RunAsync(loseAfter: 3);
        await harness.RunAsync();

        Assert.Equal(["system", "user question\n\nfirst\n\nsecond"], Assert.Single(client.Prompts).Select(Shape));
        Assert.Equal(["first", "second"], harness.Log.OfType<MessageSteered>().Select(steered => steered.Message));
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_OfferedWhatWaitsNoMore_GoesOnWithoutIt()
    {
        var client = new PlannedChatClient(["done"]);
        var harness = new LoopHarness(client) { TakeIsRefused = true };
        harness.Say("never mind");

        await harness.RunAsync();

        Assert.Equal(["system", "user question"], Assert.Single(client.Prompts).Select(Shape));
        Assert.Empty(harness.Log.OfType<MessageSteered>());
    }

    [Fact]
    public async Task LaterRun_ReadsWhatWasSaidInItsPlace()
    {
        var earlier = new LoopHarness(new PlannedChatClient(["done"]));
        earlier.Say("in euros");
        await earlier.RunAsync();
        var client = new PlannedChatClient(["later"]);

        await new LoopHarness(client) { Conversation = [earlier.AsTurn()] }.RunAsync();

        Assert.Equal(
            ["system", "user earlier question\n\nin euros", "assistant done", "user question"],
            Assert.Single(client.Prompts).Select(Shape));
    }

    [Fact]
    public async Task Execute_MessageSentToTheRunUnderWay_IsTakenOutOfTheQueueAndShownInItsRun()
    {
        WorkerHome? home = null;
        var said = Make.Request("m2", onBusy: OnBusy.Steer, message: "in euros");
        var client = new PlannedChatClient([Call("c1")], ["done"]);
        await using var opened = home = new WorkerHome(
            client, _tools.Look(during: _ => Once(() => Assert.Equal(
                EnqueueStatus.Accepted, home!.Queue.EnqueueAsync(said).AsTask().GetAwaiter().GetResult().Status))));
        using var control = new RunControl();

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);

        Assert.Null(await home.Queue.ClaimAsync("another"));
        var messages = (await home.Log.ReadTranscriptAsync(Make.Session, null, 9)).Messages;
        Assert.Equal(messages[0].RunId, messages[1].SteeredRunId);
        Assert.Equal("done", messages[0].Steps[^1].Content);
        var shown = Assert.Single(messages[0].Steered!);
        Assert.Equal((said.RunId, "in euros", 2), (shown.QueuedRunId, shown.Message, shown.Iteration));
        Assert.Contains(client.Prompts[1], message => message.Text == "in euros");
    }

    private int _times;

    // The plan plays its first reply again to what was said.
    private Task Once(Action act)
    {
        if (_times++ == 0)
        {
            act();
        }

        return Task.CompletedTask;
    }

    private static FunctionCallContent Call(string id) => ToolCallText.CreateCall(id, "look", """{"text":"a"}""");

    private static string Shape(ChatMessage message) => message.Contents[0] switch
    {
        FunctionCallContent call => $"{message.Role} {call.Name}",
        FunctionResultContent => $"{message.Role} result",
        _ when message.Role == ChatRole.System => "system",
        _ => $"{message.Role} {message.Text}",
    };
}
