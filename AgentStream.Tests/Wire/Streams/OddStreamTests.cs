using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>Small things that the SDKs lose on the way.</summary>
public sealed class OddStreamTests
{
    [Theory]
    [InlineData("I can't help with that.", """{"refusal":"I can't help"}""", """{"refusal":" with that."}""")]
    [InlineData("I can't.", """{"role":"assistant","content":null,"refusal":"I can't."}""", """{"content":""}""")]
    [InlineData("Well. I can't.", """{"content":"Well. "}""", """{"content":"","refusal":"I can't."}""")]
    [InlineData("Well.", """{"content":"Well.","refusal":null}""", """{"refusal":""}""")]
    public async Task Refusal_InAStream_IsWhatThePersonReads(string expected, string first, string second)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Delta(first).Delta(second).Finish().Usage().Done()));

        var reply = await model.AskAsync();

        Assert.Equal((expected, ChatFinishReason.Stop), (reply.Text, reply.FinishReason));
    }

    [Fact]
    public async Task Refusal_InAWholeReply_IsWhatThePersonReads()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Error(400, "stream is not supported"),
            FakeReply.Json(
                """{"choices":[{"message":{"role":"assistant","content":null,"refusal":"I can't help with that."},"finish_reason":"stop"}]}""")));

        Assert.Equal("I can't help with that.", (await model.AskAsync()).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reply_WithheldByTheFilter_StillCosts(bool comesWhole)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => !comesWhole ? FakeReply.Stream().Finish("content_filter").Usage(70, 3).Done()
            : request.Streams ? FakeReply.Error(400, "stream is not supported")
            : FakeReply.Json(
                """{"choices":[{"message":{"role":"assistant","content":null},"finish_reason":"content_filter"}],"usage":{"prompt_tokens":70,"completion_tokens":3}}""");
        using var model = new WireModel(server);
        var harness = new LoopHarness(model.Client);

        await harness.RunAsync();

        Assert.Equal((RunStatus.Failed, ModelErrorCode.ContentFilter), (harness.Finished?.Status, harness.Finished?.ErrorCode));
        Assert.Equal((73, false), (harness.Finished!.Usage!.TotalTokens, harness.Finished.Usage.Estimated));
        Assert.Equal(73, harness.Log.OfType<UsageReported>().Sum(usage => usage.TotalTokens));
    }

    [Theory]
    [InlineData("""{"choices":[{"index":null,"delta":{"content":"Hello"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"Hello","refusal":null,"audio":null},"finish_reason":"stop","index":"0"}]}""")]
    [InlineData(
        """{"object":null,"created":"1700000000","model":null,"service_tier":7,"choices":[{"delta":{"role":null,"content":"Hello"},"finish_reason":"stop"}]}""")]
    public async Task Stream_WithNullsAndOtherTypes_GivesTheSameText(string chunk)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Chunk(chunk).Done()));

        Assert.Equal("Hello", (await model.AskAsync()).Text);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":0,"completion_tokens":4}""", 4)]
    [InlineData("""{"prompt_tokens":9,"completion_tokens":0}""", 2)]
    [InlineData("""{"completion_tokens":4}""", 4)]
    public async Task Usage_OfWhichHalfIsMissing_IsCompletedAndSaysSo(string usage, int output)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Stream().Deltas("Hello").Finish().Chunk($$"""{"choices":[],"usage":{{usage}}}""").Done()));

        var told = Assert.Single((await model.AskAsync()).Usage);

        Assert.True(UsageEstimator.IsEstimated(told));
        Assert.Equal(output, told.Details.OutputTokenCount);
        Assert.True(told.Details.InputTokenCount > 0);
    }
}
