using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Running.Execution;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>Replies that are all thought: where the server says that they are complete, they are the answer.</summary>
public sealed class ThoughtAnswerTests
{
    private static readonly Dictionary<string, Func<FakeReply>> Replies = new()
    {
        ["reasoning_content"] = () => FakeReply.Stream()
            .Delta("""{"reasoning_content":"It is "}""")
            .Delta("""{"reasoning_content":"four."}""")
            .Finish()
            .Usage()
            .Done(),
        ["reasoning"] = () => FakeReply.Stream().Delta("""{"content":"","reasoning":"It is four."}""").Finish().Usage().Done(),
        ["details"] = () =>
            FakeReply.Stream().Delta("""{"reasoning_details":[{"type":"reasoning.text","text":"It is four."}]}""").Finish().Usage().Done(),
        ["tag"] = () => FakeReply.Stream().Deltas("<think>It is ", "four.").Finish().Usage().Done(),
        ["eos"] = () => FakeReply.Stream().Delta("""{"reasoning_content":"It is four."}""").Finish("eos_token").Usage().Done(),
        ["whole"] = () => FakeReply.Json(
            """{"id":"1","object":"chat.completion","created":1,"model":"fake","choices":[{"index":0,"message":{"role":"assistant","content":null,"reasoning_content":"It is four."},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}"""),
    };

    public static TheoryData<string> Kinds => [.. Replies.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Reply_OfThoughtsThatStopped_IsTheAnswer(string kind)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = _ => FakeReply.Text("fine");
        using var model = new WireModel(server.Reply(Replies[kind]()));

        await EndsWithItsThoughtAsync(new LoopHarness(model.Client), server, model);
    }

    [Fact]
    public async Task Reply_OfThoughtsThatStopped_IsSeenWhereReasoningIsHidden()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = _ => FakeReply.Text("fine");
        using var model = new WireModel(server.Reply(Replies["reasoning"]()));

        await EndsWithItsThoughtAsync(new LoopHarness(model.Client) { Hidden = new HiddenReasoning() }, server, model);
    }

    [Fact]
    public async Task Claude_ThoughtsThatEndedTheTurn_AreTheAnswer()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = _ => AnthropicReply.Text("fine");
        using var model = WireModel.Anthropic(server.Reply(AnthropicReply.Stream().Thinking(0, "c2ln", "It is ", "four.").End()));

        await EndsWithItsThoughtAsync(new LoopHarness(model.Client), server, model);
    }

    [Theory]
    [InlineData("""{"reasoning_content":"Let me see"}""", "length", 1, "model_output_limit")]
    [InlineData("""{"reasoning_content":" \n"}""", "stop", 3, "model_empty_reply")]
    [InlineData("""{"content":""}""", "stop", 3, "model_empty_reply")]
    public async Task Reply_OfThoughtsThatIsNone_IsNot(string delta, string reason, int requests, string code)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = _ => FakeReply.Stream().Delta(delta).Finish(reason).Usage().Done();
        using var model = new WireModel(server);
        var run = new LoopHarness(model.Client);

        await run.RunAsync();

        Assert.Equal((RunStatus.Failed, code, requests), (run.Finished!.Status, run.Finished.ErrorCode, server.Requests.Count));
        server.Otherwise = _ => FakeReply.Text("fine");
        await TalkOnAsync(run, model);
    }

    private static async Task EndsWithItsThoughtAsync(LoopHarness run, FakeOpenAIServer server, WireModel model)
    {
        await run.RunAsync();

        Assert.Equal((RunStatus.Completed, "FinalAnswer", "It is four."), (run.Finished!.Status, run.Shape, run.Steps.Single().Content));
        Assert.Null(run.Steps.Single().CutOff);
        Assert.Single(server.Requests);
        await TalkOnAsync(run, model);
        Assert.Contains("It is four.", server.Requests[^1].Body.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task TalkOnAsync(LoopHarness run, WireModel model)
    {
        var next = new LoopHarness(model.Client) { Conversation = [run.AsTurn()], Message = "and now?" };
        await next.RunAsync();
        Assert.Equal((RunStatus.Completed, "fine"), (next.Finished!.Status, next.Steps.Last().Content));
    }
}
