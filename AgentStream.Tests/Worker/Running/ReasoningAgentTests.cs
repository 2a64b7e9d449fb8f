using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running;

/// <summary>The loop by itself, as a program uses it.</summary>
public sealed class ReasoningAgentTests
{
    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_PieceOfText_IsGivenBeforeTheModelGoesOn()
    {
        var seen = new TaskCompletionSource();
        var agent = Agent(["One ", seen.Task, "two."]);
        List<string> pieces = [];
        await foreach (var happened in agent.RunWithReasoningStreamAsync("hi"))
        {
            if (happened is StepDelta delta)
            {
                pieces.Add(delta.Delta);
                seen.TrySetResult();
            }
        }

        Assert.Equal(["One ", "two."], pieces);
    }

    [Fact]
    public async Task Run_ThatNeverAnswers_EndsAfterTwentyReplies()
    {
        var agent = Agent([.. Enumerable.Range(0, 30).Select(i => (object[])[Call(i)])]);

        var result = await agent.RunWithReasoningAsync("hi");

        Assert.Equal(
            (RunStatus.Failed, "max_iterations", 20), (result.Finished.Status, result.Finished.ErrorCode, result.Finished.Iterations));

        // Nobody would read what the calls of the last one bring.
        Assert.Equal(19, result.Steps.Count(step => step.StepType == StepType.ToolUse));
    }

    [Fact]
    public async Task Run_OfASession_KnowsWhatWasSaidBefore()
    {
        var client = new PlannedChatClient(["My name is Ada."], ["Ada."]);
        var agent = new ReasoningAgent(new AgentDefinition { Name = "a" }, client);
        var session = new ReasoningSession();

        await agent.RunWithReasoningAsync("Who are you?", session);
        await agent.RunWithReasoningAsync("Say it again.", session);

        Assert.Equal(["Who are you?", "My name is Ada.", "Say it again."], client.Prompts[1].Where(
            message => message.Role != ChatRole.System).Select(message => message.Text));
        Assert.Equal(2, session.Turns.Count);
    }

    [Fact]
    public async Task Run_Cancelled_EndsAsCancelled_WithWhatThereWas()
    {
        using var cancellation = new CancellationTokenSource();
        var agent = Agent(["One ", new TaskCompletionSource().Task]);
        List<SessionEvent> events = [];
        await foreach (var happened in agent.RunWithReasoningStreamAsync("hi", cancellationToken: cancellation.Token))
        {
            events.Add(happened);
            if (happened is StepDelta)
            {
                await cancellation.CancelAsync();
            }
        }

        Assert.Equal(RunStatus.Cancelled, Assert.IsType<RunFinished>(events[^1]).Status);
        Assert.Equal(("One ", true), events.OfType<ReasoningStep>().Select(step => (step.Content, step.CutOff)).Single());
    }

    [Fact]
    public async Task Run_WhoseModelThrows_Fails_AndOnlyTheProgramIsToldWhy()
    {
        var thrown = new PlannedChatClient.Always(new InvalidOperationException("secret"));
        List<Exception> told = [];
        var agent = new ReasoningAgent(new AgentDefinition { Name = "a" }, new PlannedChatClient([thrown])) { ModelFailed = told.Add };

        var result = await agent.RunWithReasoningAsync("hi");

        Assert.Equal((RunStatus.Failed, "model_error"), (result.Finished.Status, result.Finished.ErrorCode));
        Assert.DoesNotContain("secret", result.Finished.Error, StringComparison.Ordinal);
        Assert.Same(thrown.Exception, Assert.Single(told));
    }

    [Theory]
    [InlineData("", 20)]
    [InlineData(" ", 20)]
    [InlineData("hi", 0)]
    public async Task Run_OfNothing_IsRefused(string prompt, int maxIterations)
        => await Assert.ThrowsAnyAsync<ArgumentException>(() => Agent(["x"]).RunWithReasoningAsync(prompt, maxIterations: maxIterations));

    private static FunctionCallContent Call(int index)
        => new($"c{index}", "look", new Dictionary<string, object?> { ["text"] = $"{index}" });

    private ReasoningAgent Agent(params object[][] replies)
        => new(new AgentDefinition { Name = "a", Tools = [_tools.Look()] }, new PlannedChatClient(replies));
}
