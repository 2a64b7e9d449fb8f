using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Failures;

public sealed class FallbackTests
{
    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(422)]
    [InlineData(501)]
    public async Task Server_ThatRefusesStreaming_IsAskedForTheWholeAndNeverAgainForAStream(int status)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise =
            request => request.Streams ? FakeReply.Error(status, "stream is not supported") : FakeReply.Whole("one two three");
        using var model = new WireModel(server);

        var reply = await model.AskAsync();
        var again = await model.AskAsync();

        Assert.Equal("one two three", reply.Text);
        Assert.Equal(["one ", "two ", "three"], reply.Updates.Select(update => update.Text).Where(text => text.Length > 0));
        Assert.Equal(12, Assert.Single(reply.Usage).Details.TotalTokenCount);
        Assert.Equal("one two three", again.Text);
        Assert.Equal([true, false, false], server.Requests.Select(request => request.Streams));
    }

    [Fact]
    public async Task Server_ThatAnswersWholeToAStream_IsStreamedOnInWords()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Whole("one two three")));

        var reply = await model.AskAsync();

        Assert.Equal(["one ", "two ", "three"], reply.Updates.Select(update => update.Text).Where(text => text.Length > 0));
        Assert.Equal(12, Assert.Single(reply.Usage).Details.TotalTokenCount);
        Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Server_ThatAnswersWholeWithToolsAndThoughts_LosesNothing()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Json(
            """
            {"choices":[{"message":{"role":"assistant","content":null,"reasoning":"let me see",
            "tool_calls":[{"id":"a","type":"function","function":{"name":"one","arguments":"{\"x\":1}"}},{"function":{"name":"two","arguments":{"y":2}}}]},"finish_reason":"tool_calls"}]}
            """)));

        var reply = await model.AskAsync();

        Assert.Equal("let me see", reply.Thought);
        Assert.Equal(
            ["one {\"x\":1}", "two {\"y\":2}"], reply.Calls.Select(call => call[(call.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task Stream_FailingBeforeItsFirstTokenInSpiteOfRetries_IsAskedForWhole()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => request.Streams ? FakeReply.Stream().Abort() : FakeReply.Whole("whole");
        using var model = new WireModel(server);

        var reply = await model.AskAsync();

        Assert.Equal("whole", reply.Text);
        Assert.Equal([true, true, true, false], server.Requests.Select(request => request.Streams));
    }

    [Fact]
    public async Task Server_ThatRefusesStreamOptions_IsAskedWithoutAndUsageIsEstimated()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => request.HasStreamOptions
            ? FakeReply.Error(400, "Unrecognized request argument supplied: stream_options")
            : FakeReply.Stream().Deltas("fine").Finish().Done();
        using var model = new WireModel(server, new() { ["OPENAI_API_KEY"] = "secret" });

        var reply = await model.AskAsync();
        await model.AskAsync();

        Assert.Equal("fine", reply.Text);
        Assert.True(UsageEstimator.IsEstimated(Assert.Single(reply.Usage)));
        Assert.Equal([true, false, false], server.Requests.Select(request => request.HasStreamOptions));
        Assert.All(server.Requests, request => Assert.True(request.Streams));
        Assert.All(server.Requests, request => Assert.Equal("Bearer secret", request.Authorization));
    }

    [Fact]
    public async Task Whole_AskedForDirectly_IsTheSameAsStreamed()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Json(
                """{"choices":[{"message":{"content":[{"type":"text","text":"Hello"}],"reasoning":"hm"},"finish_reason":"end_turn"}],"usage":{"input_tokens":3,"output_tokens":1}}""")));

        var response = await model.Client.GetResponseAsync(WireModel.Question);

        Assert.Equal("Hello", response.Text);
        Assert.Equal("hm", response.Messages[0].Contents.OfType<TextReasoningContent>().Single(thought => thought.Text.Length > 0).Text);
        Assert.Equal(4, response.Usage!.TotalTokenCount);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }
}
