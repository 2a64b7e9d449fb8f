using System.Diagnostics;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Hosting;
using AgentStream.Tests.Worker.Models;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running.Execution;

public sealed class RunExecutorTests
{
    [Fact]
    public async Task Execute_ToldToHandBackBeforeACall_LeavesNoCallInDoubt()
    {
        var tools = new TestTools();
        var client = new PlannedChatClient([ToolCallText.CreateCall("c1", "save", """{"text":"a"}""")], ["done"]);
        await using var home = new WorkerHome(client, tools.Save());
        using var control = new RunControl();
        home.Store.Writing = append =>
        {
            if (append.Events.Any(one => one is ReasoningStep { StepType: StepType.ToolUse }))
            {
                control.RequestHandBack();
            }
        };

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);
        using var next = new RunControl();
        await home.Executor.ExecuteAsync((await home.Queue.ClaimAsync("another"))!, next);

        var message = await home.MessageAsync();
        var result = Assert.Single(message.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal((null, "save did a"), (result.InDoubt, result.Content));
        Assert.Equal(["save:a"], tools.Executed);
    }

    [Fact]
    public async Task Execute_ToldToHandBackWhileACallRuns_WaitsForItsResult()
    {
        var first = new TaskCompletionSource();
        var tools = new TestTools();
        using var control = new RunControl();
        AgentTool Side(string name, Func<Task> during) => new(AIFunctionFactory.Create(
            async () =>
            {
                tools.Executed.Enqueue(name);
                await during();
                return name;
            },
            name,
            "Has a side effect, but does not mind company."))
        { IsConcurrencySafe = true };
        var client = new PlannedChatClient(
            [ToolCallText.CreateCall("c1", "quick", "{}"), ToolCallText.CreateCall("c2", "slow", "{}")], ["done"]);
        await using var home = new WorkerHome(client, Side("quick", () => Task.CompletedTask), Side("slow", () => first.Task));
        home.Store.Writing = append =>
        {
            if (append.Events.Any(one => one is ReasoningStep { ToolName: "quick", StepType: StepType.ToolResult }))
            {
                control.RequestHandBack();
                first.SetResult();
            }
        };

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);
        using var next = new RunControl();
        await home.Executor.ExecuteAsync((await home.Queue.ClaimAsync("another"))!, next);

        Assert.DoesNotContain((await home.MessageAsync()).Steps, step => step.InDoubt == true);
        Assert.Equal(["quick", "slow"], tools.Executed.Order());
    }

    [Theory]
    [InlineData("fails/m", "fails/m")]
    [InlineData("keyless/m", "works/n")]
    public async Task Execute_AgentsModelCanNotAnswer_SaysTruthfullyWhoDid(string model, string started)
    {
        var catalog = TestCatalog.Of(
            [
                new ModelProvider(
                    "fails", "test", "m", takesOtherModels: true,
                    _ => new PlannedChatClient([new PlannedChatClient.Always(new ModelException(ModelErrorCode.Unavailable, "Down."))])),
                new ModelProvider("works", "test", "n", takesOtherModels: true, _ => new PlannedChatClient(["done"])),
                new ModelProvider("default", "test", "d", takesOtherModels: false, _ => new PlannedChatClient(["wrong"])),
            ],
            "default",
            new Dictionary<string, string> { ["keyless"] = "SOME_KEY" });
        await using var home = new WorkerHome(
            catalog, new AgentOptions { Description = "Is tested.", Model = model, FallbackModel = "works/n" });
        using var control = new RunControl();
        RunStarted? start = null;
        home.Store.Writing = append => start ??= append.Events.OfType<RunStarted>().FirstOrDefault();

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);

        var message = await home.MessageAsync();
        Assert.Equal((MessageStatus.Completed, "works/n", "works/n"), (message.Status, message.Model, message.Usage?.Model));
        Assert.Equal(started, start?.Model);
        Assert.Equal("done", Assert.Single(message.Steps).Content);
    }

    [Fact]
    public async Task Execute_WithoutTheKeyOfItsModel_FailsWithAStepThatSaysWhatToDo()
    {
        var catalog = TestCatalog.Of(
            [new ModelProvider("default", "test", "d", takesOtherModels: false, _ => new PlannedChatClient(["wrong"]))],
            "default",
            new Dictionary<string, string> { ["keyless"] = "SOME_KEY" });
        await using var home = new WorkerHome(catalog, new AgentOptions { Description = "Is tested.", Model = "keyless/m" });
        using var control = new RunControl();

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);

        var message = await home.MessageAsync();
        Assert.Equal((MessageStatus.Failed, "model_auth"), (message.Status, message.ErrorCode));
        Assert.Contains(
            "SOME_KEY", Assert.Single(message.Steps, step => step.StepType == StepType.Error).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execute_ErrorOfOurs_MarksTheSpanWithoutSayingWhatTheExceptionSays()
    {
        using var ended = new RecordedSpans("AgentStream.Worker");
        await using var home = new WorkerHome(new PlannedChatClient(["answer"]));
        var writes = 0;
        home.Store.Writing = _ =>
        {
            if (writes++ == 0)
            {
                throw new InvalidOperationException("tell-nobody");
            }
        };
        using var control = new RunControl();
        var claim = await home.ClaimAsync();

        await home.Executor.ExecuteAsync(claim, control);

        Assert.Equal(MessageStatus.Failed, (await home.MessageAsync()).Status);
        var span = Assert.Single(ended, activity => Equals(activity.GetTagItem("agentstream.run.id"), claim.Lease.RunId.Value));
        Assert.Equal((ActivityStatusCode.Error, null, "internal_error", "failed"), (
            span.Status, span.StatusDescription, span.GetTagItem("error.type"), span.GetTagItem("agentstream.run.status")));
        Assert.Empty(span.Events);
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("tell-nobody", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Execute_EndThatCanNotBeWritten_CountsAsAnAttempt()
    {
        await using var home = new WorkerHome(new PlannedChatClient(["answer"]));
        home.Store.Writing = _ => throw new InvalidOperationException("The store's own fault.");
        using var control = new RunControl();

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);

        // Given back, it would be begun again at once, for ever.
        Assert.Null(await home.Queue.ClaimAsync("another"));
        await home.AdvanceAsync(new MessagingOptions().LeaseDuration);
        Assert.Equal(2, (await home.Queue.ClaimAsync("another"))?.Attempt);
    }

    [Fact]
    public async Task Execute_ErrorOfOursInMidAnswer_LeavesNoStepWithoutAnEnd()
    {
        await using var home = new WorkerHome(new PlannedChatClient(["an", "swer"]));
        var failures = 1;
        home.Store.Writing = append =>
        {
            if (append.Events.Any(one => one is ReasoningStep { StepType: StepType.FinalAnswer }) && failures-- > 0)
            {
                throw new InvalidOperationException("Our own fault.");
            }
        };
        using var control = new RunControl();

        await home.Executor.ExecuteAsync(await home.ClaimAsync(), control);

        var message = await home.MessageAsync();
        Assert.Equal((MessageStatus.Failed, "internal_error"), (message.Status, message.ErrorCode));
        Assert.Equal(
            [(StepType.FinalAnswer, "answer", true), (StepType.Error, RunErrors.Internal().Message, null)],
            message.Steps.Select(step => (step.StepType, step.Content, step.CutOff)));
    }
}
