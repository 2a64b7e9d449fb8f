using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Client;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Worker.Running.Calls;

public sealed class ClientToolTests
{
    private static readonly ClientTool Weather = new()
    {
        Name = "weather",
        Description = "Tells the weather of a city.",
        Parameters = JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""),
    };

    private readonly TestTools _tools = new();

    [Fact]
    public async Task Run_CallOfAClientTool_AsksForItsResultAndGoesOnWithIt()
    {
        var client = new PlannedChatClient(
            [Call("c1", "weather", """{"city":"Rome"}"""), Call("c2", "look", """{"text":"a"}""")], ["done"]);
        var harness = new LoopHarness(client, ClientTools.Create(Weather), _tools.Look()) { Approvals = ["weather"] };

        await harness.RunAsync();

        var question = Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
        Assert.Equal(
            (true, "weather", """{"city":"Rome"}"""), (question.ClientTool, question.ToolName, question.Arguments?.GetRawText()));
        Assert.Empty(_tools.Executed);

        harness.Give(question, "20 °C");
        await harness.RunAsync();

        Assert.Equal(["look:a"], _tools.Executed);
        Assert.Equal(["20 °C"], harness.Steps.Where(step => step.ToolCallId == question.ToolCallId
            && step.StepType == StepType.ToolResult).Select(step => step.Content));
        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
    }

    [Fact]
    public async Task Run_LostWhereverItMayBe_ReadsTheResultAgainAndAsksOnce()
    {
        for (var loseAfter = 1; loseAfter < 8; loseAfter++)
        {
            var harness = new LoopHarness(
                new PlannedChatClient([Call("c1", "weather", """{"city":"Rome"}""")], ["done"]), ClientTools.Create(Weather));
            await harness.RunAsync();
            harness.Give(Assert.Single(harness.Log.OfType<ToolApprovalRequired>()), "no such city", isError: true);

            await harness.RunAsync(loseAfter);
            if (harness.Finished is null)
            {
                await harness.RunAsync();
            }

            Assert.Single(harness.Log.OfType<ToolApprovalRequired>());
            var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
            Assert.Equal(("no such city", true, null), (result.Content, result.IsError, result.InDoubt));
        }
    }

    [Fact]
    public async Task Run_CallThatNobodyAnsweredOrThatWasRefused_GoesOnWithoutAResult()
    {
        var client = new PlannedChatClient(
            [Call("c1", "weather", """{"city":"Rome"}"""), Call("c2", "weather", """{"city":"Oslo"}""")], ["done"]);
        var harness = new LoopHarness(client, ClientTools.Create(Weather));
        await harness.RunAsync();
        var questions = harness.Log.OfType<ToolApprovalRequired>().ToList();

        harness.Decide(questions[0], approved: false, expired: true);
        harness.Decide(questions[1], approved: false);
        await harness.RunAsync();

        var results = harness.Steps.Where(step => step.StepType == StepType.ToolResult).ToList();
        Assert.All(results, result => Assert.Equal(true, result.IsError));
        Assert.Contains("in time", results[0].Content, StringComparison.Ordinal);
        Assert.Contains("refused", results[1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public void Agent_GivenAToolOfAnOwnName_KeepsItsOwn()
    {
        var own = _tools.Look(name: "weather");
        var agent = new AgentDefinition { Name = "tester", Tools = [own] };

        var given = ClientTools.Give(agent, [Weather, new ClientTool { Name = "news" }]);

        Assert.Equal(["weather", "news"], given.Tools.Select(tool => tool.Name));
        Assert.Same(own, given.Tools[0]);
        Assert.Equal("object", given.Tools[1].JsonSchema.GetProperty("type").GetString());
    }

    private static FunctionCallContent Call(string id, string name, string arguments) => ToolCallText.CreateCall(id, name, arguments);
}
