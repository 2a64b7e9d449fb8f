using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Worker.Running;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Worker.AgentFramework;

/// <summary>A plain agent of the framework: its calls are the worker's.</summary>
public sealed class TakenOverAgentTests
{
    private readonly List<string> _shipped = [];

    [Fact]
    public async Task Run_AgentWithATool_ShowsEachStepAndKeepsEachCall()
    {
        var model = Model();
        await using var host = new FrameworkHost(Agent(model));
        var harness = host.Harness();

        await harness.RunAsync();

        Assert.Equal("Thought ToolUse ToolResult FinalAnswer", harness.Shape);
        Assert.Equal("It is on its way.", harness.Steps.Last().Content);
        Assert.Equal(["A-17"], _shipped);
        Assert.Equal("shop-1", host.Worker.Agent("tester").Own!.Model.DisplayName);
        var system = Assert.Single(model.Prompts[0], message => message.Role == ChatRole.System);
        Assert.StartsWith("Ship orders.", system.Text, StringComparison.Ordinal);
        Assert.Contains(model.Prompts[1], message => message.Contents.OfType<FunctionResultContent>().Any());
    }

    [Fact]
    public async Task Run_LostAfterAnyOfItsOutputs_CallsTheToolAtMostOnceAndEnds()
    {
        await using var host = new FrameworkHost(Agent(Model()));
        var whole = host.Harness();
        await whole.RunAsync();
        Assert.True(whole.Outputs > 4);
        for (var loseAfter = 1; loseAfter < whole.Outputs; loseAfter++)
        {
            _shipped.Clear();
            var harness = host.Harness();

            await harness.RunAsync(loseAfter);
            await harness.RunAsync();

            Assert.InRange(_shipped.Count, 0, 1);
            Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
            var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
            Assert.Equal(_shipped.Count == 0, result.InDoubt == true);
        }
    }

    [Fact]
    public async Task Run_CallInDoubtOfAToolThatMayBeRepeated_IsRepeated()
    {
        await using var host = new FrameworkHost(Agent(Model()), options => options.IdempotentTools.Add("sh*"));
        var harness = host.Harness();

        await harness.RunAsync(loseAfter: 4);
        Assert.Equal("Thought ToolUse", harness.Shape);
        Assert.Empty(_shipped);
        await harness.RunAsync();

        Assert.Equal(["A-17"], _shipped);
        Assert.Null(Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult).InDoubt);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ToolThatNeedsApproval_WaitsForAPerson(bool inTheFramework)
    {
        await using var host = new FrameworkHost(Agent(Model(), inTheFramework), options =>
        {
            if (!inTheFramework)
            {
                options.Approvals.Add("ship");
            }
        });
        var harness = host.Harness();

        await harness.RunAsync();
        var question = Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Empty(_shipped);
        harness.Decide(question, approved: true, edited: """{"order":"B-18"}""");
        await harness.RunAsync();

        Assert.Equal(["B-18"], _shipped);
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_SettingsOfTheAgent_HoldForEachReply()
    {
        List<ChatOptions?> asked = [];
        var model = Model().AsBuilder().Use((messages, options, next, cancellationToken) =>
        {
            asked.Add(options);
            return next(messages, options, cancellationToken);
        }).Build();
        await using var host = new FrameworkHost(Agent(model));

        await host.Harness().RunAsync();

        Assert.Equal(2, asked.Count);
        Assert.All(asked, options =>
        {
            Assert.Equal((0.25f, "shop-1", null), (options?.Temperature, options?.ModelId, options?.Instructions));
            Assert.Equal(["ship", "web_search"], options!.Tools!.Select(tool => tool.Name).Order());
            Assert.DoesNotContain(options.Tools!, tool => tool is AIFunction);
        });
    }

    [Fact]
    public async Task Start_ToolThatNobodyCouldCall_IsRefusedWithASentence()
    {
        var declared = AIFunctionFactory.Create((string order) => order, "ship").AsDeclarationOnly();
        await using var declaring = new FrameworkHost(new ChatClientAgent(Model(), tools: [declared]));
        await using var misspelt = new FrameworkHost(Agent(Model()), options => options.IdempotentTools.Add("shop"));
        await using var unknown = new FrameworkHost(Agent(Model()), options => options.Approvals.Add("shop"));

        var one = Assert.Throws<OptionsValidationException>(() => declaring.Worker.Agents);
        var other = Assert.Throws<OptionsValidationException>(() => misspelt.Worker.Agents);
        var last = Assert.Throws<OptionsValidationException>(() => unknown.Worker.Agents);

        Assert.StartsWith(
            "The agent 'tester' has the tool 'ship', which is a mere declaration", Assert.Single(one.Failures), StringComparison.Ordinal);
        Assert.StartsWith(
            "The agent 'tester' has no tool 'shop' whose calls the worker makes", Assert.Single(other.Failures), StringComparison.Ordinal);
        Assert.StartsWith(
            "AgentStream:Agents:tester:Approvals names 'shop', which is none of the agent's tools", Assert.Single(last.Failures),
            StringComparison.Ordinal);
    }

    private static PlannedChatClient Model()
        => new(FrameworkHost.Calling("ship", """{"order":"A-17"}"""), ["It is on its way.", ChatFinishReason.Stop]);

    private ChatClientAgent Agent(IChatClient model, bool approval = false)
    {
        var ship = AIFunctionFactory.Create(Ship, "ship");
        return new ChatClientAgent(model, new ChatClientAgentOptions
        {
            ChatOptions = new ChatOptions
            {
                Instructions = "Ship orders.",
                Temperature = 0.25f,
                ModelId = "shop-1",
                Tools = [approval ? new ApprovalRequiredAIFunction(ship) : ship, new HostedWebSearchTool()],
            },
        });
    }

    private string Ship(string order)
    {
        _shipped.Add(order);
        return "shipped";
    }
}
