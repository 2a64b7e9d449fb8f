using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Support;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running.Calls;

/// <summary>What tools say before they are done.</summary>
public sealed class ToolStreamingTests
{
    [Fact]
    public async Task Tool_IsToldWhoseSessionItWorksFor()
    {
        var whose = "";
        var tool = new AgentTool(ToolFunction.Create((ToolContext context) => whose = context.Owner, "whose", "Tells whose."));
        var harness = new LoopHarness(new PlannedChatClient([ToolCallText.CreateCall("c1", "whose", "{}")], ["done"]), tool)
        {
            Owner = PrincipalId.Parse("a@example.com"),
        };

        await harness.RunAsync();

        Assert.Equal("a@example.com", whose);
    }

    private static readonly FunctionCallContent Call = ToolCallText.CreateCall("c1", "talk", "{}");

    [Fact]
    public async Task Run_ToolThatTalks_IsHeardBeforeItIsDoneAndItsDeltasAreItsContent()
    {
        var heard = new TaskCompletionSource();
        var client = new PlannedChatClient([Call], ["done"]);
        var harness = new LoopHarness(client, Talker(async output =>
        {
            output.Report("looking");
            output.Write("part one, ");
            await heard.Task.WaitAsync(TestTimeouts.Default);
            return "part two";
        }))
        {
            Kept = sessionEvent => _ = sessionEvent is StepDelta { StepType: DeltaType.ToolResult } && heard.TrySetResult(),
        };

        await harness.RunAsync();

        Assert.Equal("ToolUse ToolResult FinalAnswer", harness.Shape);
        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal("looking\npart one, part two", result.Content);
        Assert.Equal(result.Content, DeltasOf(harness, result));
        var read = Assert.Single(client.Prompts[1].SelectMany(message => message.Contents).OfType<FunctionResultContent>());
        Assert.Equal("part one, part two", UntrustedText.Unmark(read.Result!.ToString()!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ToolThatTalksAndFails_KeepsWhatItSaid(bool known)
    {
        var heard = new TaskCompletionSource();
        var client = new PlannedChatClient([Call], ["done"]);
        var harness = new LoopHarness(client, Talker(async output =>
        {
            output.Write("so far");
            await heard.Task.WaitAsync(TestTimeouts.Default);
            throw known ? new ToolException("No more.") : (Exception)new InvalidOperationException("secret");
        }))
        {
            Kept = sessionEvent => _ = sessionEvent is StepDelta { StepType: DeltaType.ToolResult } && heard.TrySetResult(),
        };

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.True(result.IsError);
        Assert.StartsWith(known ? "so far\nNo more." : "so far\nThe tool talk failed.", result.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Content, StringComparison.Ordinal);
        Assert.Equal(result.Content, DeltasOf(harness, result));
    }

    [Fact]
    public async Task Run_ToolThatTalksTooMuch_IsCutInTheMiddleAndItsDeltasAreItsContent()
    {
        var heard = new TaskCompletionSource();
        var client = new PlannedChatClient([Call], ["done"]);
        var harness = new LoopHarness(client, Talker(async output =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                output.Write($"{i} ");
            }

            await heard.Task.WaitAsync(TestTimeouts.Default);
            return "end";
        }))
        {
            Limits = new AgentLimits { ToolResultCharacters = 500 },
            Kept = sessionEvent => _ = sessionEvent is StepDelta { StepType: DeltaType.ToolResult } && heard.TrySetResult(),
        };

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.InRange(result.Content.Length, 300, 500);
        Assert.Contains("characters left out", result.Content, StringComparison.Ordinal);
        Assert.Equal(result.Content, DeltasOf(harness, result));
    }

    [Fact]
    public async Task Run_WorkerLostWhileAToolTalks_TakesItsTextBack()
    {
        var client = new PlannedChatClient([Call], ["done"]);
        var lost = new TaskCompletionSource();
        var attempts = 0;
        var harness = new LoopHarness(client, Talker(async output =>
        {
            output.Write("half");
            if (++attempts == 1)
            {
                await lost.Task;
            }

            return " whole";
        }));

        // Start, reply, intent, delta; then the worker is gone, and stops its tools.
        var first = harness.RunAsync(loseAfter: 4);
        lost.SetResult();
        await first;
        await harness.RunAsync();

        var partial = harness.Log.OfType<StepDelta>().First(delta => delta.StepType == DeltaType.ToolResult);
        Assert.Contains(partial.StepId, Assert.Single(harness.Log.OfType<StepSuperseded>()).StepIds);
        Assert.Equal("half whole", Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).Content);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Run_CancelledAfterTheWorkerWasLost_KeepsThePartialOutputAsCutOff()
    {
        var lost = new TaskCompletionSource();
        var harness = new LoopHarness(new PlannedChatClient([Call], ["done"]), Talker(async output =>
        {
            output.Write("half");
            await lost.Task;
            return "";
        }));
        var first = harness.RunAsync(loseAfter: 4);
        lost.SetResult();
        await first;
        harness.CancelRequested = true;

        await harness.RunAsync();

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.True(result.CutOff);
        Assert.Equal("half", result.Content);
        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
    }

    [Fact]
    public void Hidden_PartialOutputOfTools_IsNotShown()
    {
        var delta = new LoopDelta(
            new StepDelta { StepId = AgentStream.Messaging.StepId.Parse("s"), StepType = DeltaType.ToolResult, Delta = "x" });

        Assert.Null(new HiddenReasoning().Filter(delta));
    }

    private static string DeltasOf(LoopHarness harness, ReasoningStep step)
        => string.Concat(harness.Log.OfType<StepDelta>().Where(delta => delta.StepId == step.StepId).Select(delta => delta.Delta));

    private static AgentTool Talker(Func<ToolOutput, Task<string>> talk)
        => new(ToolFunction.Create((ToolContext context) => talk(context.Output), "talk", "Talks.")) { IsIdempotent = true };
}
