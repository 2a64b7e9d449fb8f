using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Worker.Hosting;
using AgentStream.Tests.Worker.Models;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.ReAct;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.AI;
using RunStatus = AgentStream.Messaging.Protocol.RunStatus;

namespace AgentStream.Tests.Worker.AgentFramework;

/// <summary>An agent that calls its tools itself: all of its work is one step.</summary>
public sealed class WholeAgentTests
{
    private readonly List<string> _shipped = [];

    [Fact]
    public async Task Run_AgentInMiddleware_ShowsWhatItDoesAndCallsItsToolsItself()
    {
        await using var host = new FrameworkHost(Wrapped());
        var harness = host.Harness();

        await harness.RunAsync();

        Assert.Equal("Thought ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Equal(
            ["Let me see.", """ship({"order":"A-17"})""", "shipped", "It is on its way."], harness.Steps.Select(step => step.Content));
        Assert.Equal(["A-17"], _shipped);
        Assert.Equal((RunStatus.Completed, 1), (harness.Finished?.Status, harness.Finished?.Iterations));
        var use = harness.Steps.Single(step => step.StepType == StepType.ToolUse);
        Assert.Equal(use.ToolCallId, harness.Steps.Single(step => step.StepType == StepType.ToolResult).ToolCallId);
    }

    [Fact]
    public async Task Run_LostAfterItBegan_EndsInDoubtAndDoesNothingTwice()
    {
        await using var host = new FrameworkHost(Wrapped());
        var whole = host.Harness();
        await whole.RunAsync();

        // The start; that it begins; then what it does.
        for (var loseAfter = 2; loseAfter < whole.Outputs; loseAfter++)
        {
            _shipped.Clear();
            var harness = host.Harness();

            await harness.RunAsync(loseAfter);
            var before = _shipped.Count;
            await harness.RunAsync();

            Assert.Equal(before, _shipped.Count);
            Assert.Equal((RunStatus.Failed, "in_doubt"), (harness.Finished?.Status, harness.Finished?.ErrorCode));
            Assert.StartsWith("The worker was lost while the agent tester worked.", harness.Steps.Last().Content, StringComparison.Ordinal);
            Assert.Empty(harness.Log.OfType<StepSuperseded>());
        }
    }

    [Fact]
    public async Task Run_LostBeforeItBegan_IsBegun()
    {
        await using var host = new FrameworkHost(Wrapped());
        var harness = host.Harness();

        await harness.RunAsync(loseAfter: 1);
        await harness.RunAsync();

        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
        Assert.Equal(["A-17"], _shipped);
    }

    [Fact]
    public async Task Run_LostAgentThatMayBeRepeated_IsBegunAnew()
    {
        await using var host = new FrameworkHost(Wrapped(), options => options.RepeatsLostReply = true);
        var harness = host.Harness();

        await harness.RunAsync(loseAfter: 5);
        Assert.NotEmpty(_shipped);
        await harness.RunAsync();

        Assert.Equal(["A-17", "A-17"], _shipped);
        Assert.Equal("Thought ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.NotEmpty(harness.Log.OfType<StepSuperseded>());
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_AgentThatFails_IsNotAskedAgainAndSaysNothingOfTheException()
    {
        var model = new PlannedChatClient(["One ", new PlannedChatClient.Always(new InvalidOperationException("secret"))]);
        await using var host = new FrameworkHost(InMiddleware(new ChatClientAgent(model)));
        var harness = host.Harness();

        await harness.RunAsync();

        Assert.Single(model.Prompts);
        Assert.Equal(("model_error", "FinalAnswer Error"), (harness.Finished?.ErrorCode, harness.Shape));
        Assert.Equal(
            "The agent tester failed. What it did until then stands. The worker's log says why.", harness.Finished?.Error);
    }

    [Fact]
    public async Task Run_ToolThatAsksForApprovalInside_FailsAndSaysWhatToDo()
    {
        await using var host = new FrameworkHost(Wrapped(approval: true));
        var harness = host.Harness();

        await harness.RunAsync();

        Assert.Empty(_shipped);
        Assert.Equal("model_error", harness.Finished?.ErrorCode);
        Assert.StartsWith(
            "The agent tester asks for approval inside its own work, which can't be passed on.", harness.Finished?.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Workflow_SaysWhatEachOfItsAgentsSays()
    {
        var workflow = AgentWorkflowBuilder.BuildSequential(
            new ChatClientAgent(Model(), name: "one", tools: [AIFunctionFactory.Create(Ship, "ship")]),
            new ChatClientAgent(new PlannedChatClient(["First."], ["Second."]), name: "two"));
        await using var host = new FrameworkHost(workflow.AsAIAgent("flow", "Flow"));
        var harness = host.Harness();

        await harness.RunAsync();

        Assert.Equal("Thought ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Equal("It is on its way.\n\nFirst.", harness.Steps.Last().Content);
        Assert.Equal(["A-17"], _shipped);
    }

    [Fact]
    public async Task Execute_InAWorker_IsWrittenWholeAndTakesNoOtherModel()
    {
        await using var framework = new FrameworkHost(Wrapped());
        var options = new AgentOptions { Description = "Is tested.", Own = framework.Worker.Agent("tester").Own };
        await using var home = new WorkerHome(TestCatalog.Of(new PlannedChatClient()), options);

        var claim = await home.ClaimAsync();
        using var control = new RunControl();
        await home.Executor.ExecuteAsync(claim, control);

        var message = await home.MessageAsync();
        Assert.Equal(MessageStatus.Completed, message.Status);
        Assert.Equal(["A-17"], _shipped);

        var other = await home.ClaimAsync("s2");
        using var second = new RunControl();
        await home.Executor.ExecuteAsync(other with { Request = other.Request with { Model = "test" } }, second);
        var refused = await home.MessageAsync("s2");
        Assert.Equal(("model_not_found", MessageStatus.Failed), (refused.ErrorCode, refused.Status));
        Assert.Equal(["A-17"], _shipped);
    }

    [Theory]
    [InlineData("context")]
    [InlineData("history")]
    public async Task Run_PlainAgentWithPartsThatKnowOfWholeRuns_RunsAsAWhole(string part)
    {
        var agent = new ChatClientAgent(Model(), new ChatClientAgentOptions
        {
            ChatOptions = new ChatOptions { Tools = [AIFunctionFactory.Create(Ship, "ship")] },
            AIContextProviders = part == "context" ? [new EmptyContext()] : null,
            ChatHistoryProvider = part == "history" ? new EmptyHistory() : null,
        });
        await using var host = new FrameworkHost(agent);

        Assert.True(host.Worker.Agent("tester").Own!.RunsAsAWhole);
        var harness = host.Harness();
        await harness.RunAsync();
        Assert.Equal((RunStatus.Completed, 1), (harness.Finished?.Status, _shipped.Count));
    }

    private static PlannedChatClient Model()
        => new(FrameworkHost.Calling("ship", """{"order":"A-17"}"""), ["It is on its way.", ChatFinishReason.Stop]);

    private AIAgent Wrapped(bool approval = false)
    {
        var ship = AIFunctionFactory.Create(Ship, "ship");
        return InMiddleware(new ChatClientAgent(Model(), tools: [approval ? new ApprovalRequiredAIFunction(ship) : ship]));
    }

    private static AIAgent InMiddleware(AIAgent agent) => agent.AsBuilder()
        .Use(null, (messages, session, options, inner, cancellationToken)
            => inner.RunStreamingAsync(messages, session, options, cancellationToken))
        .Build();

    private string Ship(string order)
    {
        _shipped.Add(order);
        return "shipped";
    }

    private sealed class EmptyContext : AIContextProvider;

    private sealed class EmptyHistory : ChatHistoryProvider;
}
