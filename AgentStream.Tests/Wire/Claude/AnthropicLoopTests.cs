using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;

namespace AgentStream.Tests.Wire.Claude;

/// <summary>A whole run on Claude's wire: thoughts are shown, signed and sent back, by whichever worker goes on.</summary>
public sealed class AnthropicLoopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_WithThinkingAndTools_SendsTheSignedThoughtBack(bool workerIsLost)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => request.Body.GetProperty("messages").GetArrayLength() == 1
            ? AnthropicReply.Stream()
                .Thinking(0, "c2ln", "let me ", "look")
                .TextBlock(1, "I look.")
                .ToolUse(2, "toolu_1", "look", "{\"text\":", "\"a\"}")
                .End("tool_use")
            : AnthropicReply.Text("look did a");
        using var model = WireModel.Anthropic(server);
        var tools = new TestTools();
        var harness = new LoopHarness(model.Client, tools.Look());

        if (workerIsLost)
        {
            // Far enough for the reply to be kept, wherever in its tool call that is.
            await harness.RunAsync(loseAfter: 7);
        }

        await harness.RunAsync();

        Assert.Equal(RunStatus.Completed, harness.Finished?.Status);
        Assert.Equal("let me look", harness.Steps.First(step => step.StepType == StepType.Thought).Content);
        Assert.Equal("look did a", harness.Steps.Last().Content);
        Assert.Equal(["look:a"], tools.Executed.Distinct());
        var reply = server.Requests[^1].Body.GetProperty("messages")[1].GetProperty("content");
        Assert.Equal(["thinking", "text", "tool_use"], reply.EnumerateArray().Select(block => block.GetProperty("type").GetString()!));
        Assert.Equal(
            ("let me look", "c2ln"), (reply[0].GetProperty("thinking").GetString(), reply[0].GetProperty("signature").GetString()));
        Assert.False(harness.Finished!.Usage!.Estimated);
    }
}
