using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Claude;

public sealed class AnthropicFailureTests
{
    private static readonly Dictionary<string, Func<FakeReply, FakeReply>> Broken = new()
    {
        ["aborted"] = reply => reply.Abort(),
        ["ended without its last event"] = reply => reply,
        ["cut in a character"] =
            reply =>
                reply.Bytes(
                    "event: content_block_delta\ndata: "
                        + "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"")
                            .Bytes([0xF0, 0x9F])
                            .Abort(),
        ["cut in an event"] = reply => reply.Bytes("event: content_block_delta\ndata: {\"type\":\"content_block_de"),
        ["cut after a count"] =
            reply => reply.Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":1}}"""),
        ["malformed"] = reply => reply.Event("content_block_delta", "{\"type\":"),
        ["overloaded"] = reply => reply.Event("error", """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""),
    };

    public static TheoryData<string> Breaks => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Stream_BrokenAfterTheFirstToken_SaysThatItIsBroken(string how)
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(
            Broken[how](AnthropicReply.Stream().BlockStart(0, """{"type":"text","text":""}""").TextDelta(0, "partial").Wait(gate.Task)));

        var text = "";
        await Assert.ThrowsAsync<ModelStreamBrokenException>(async () =>
        {
            await foreach (var update in model.StreamAsync(CancellationToken.None))
            {
                text += update.Text;
                if (text.Length > 0)
                {
                    gate.TrySetResult();
                }
            }
        });

        Assert.Equal("partial", text);
        Assert.Single(server.Requests);
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Stream_BrokenBeforeTheFirstToken_IsRetried(string how)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(Broken[how](AnthropicReply.Stream().Ping()), AnthropicReply.Text("fine"));

        Assert.Equal("fine", (await model.AskAsync()).Text);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Stream_CutInAToolCall_YieldsNoHalfCall()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(
            AnthropicReply.Stream()
                .BlockStart(0, """{"type":"tool_use","id":"a","name":"save_note","input":{}}""")
                .InputDelta(0, "{\"text\":\"half"),
            AnthropicReply.Stream().ToolUse(0, "b", "save_note", "{\"text\":\"whole\"}").End("tool_use"));

        Assert.Equal(["b save_note {\"text\":\"whole\"}"], (await model.AskAsync()).Calls);
    }

    [Theory]
    [InlineData(429, "rate_limit_error")]
    [InlineData(500, "api_error")]
    [InlineData(529, "overloaded_error")]
    public async Task Call_RefusedForTheMoment_IsRetried(int status, string type)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Error(status, type, "not now", retryAfter: "0"), AnthropicReply.Text("fine"));

        Assert.Equal("fine", (await model.AskAsync()).Text);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Call_RetryAfterBeyondTheLongestPause_IsNotRetried()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Error(429, "rate_limit_error", "slow down", retryAfter: "3600"), AnthropicReply.Text("fine"));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal((ModelErrorCode.RateLimited, TimeSpan.FromHours(1)), (failure.Code, failure.RetryAfter));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(401, "authentication_error", "invalid x-api-key", ModelErrorCode.Auth)]
    [InlineData(403, "permission_error", "no access", ModelErrorCode.Auth)]
    [InlineData(404, "not_found_error", "model: claude-fake", ModelErrorCode.NotFound)]
    [InlineData(400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum", ModelErrorCode.ContextOverflow)]
    [InlineData(413, "request_too_large", "Request exceeds the maximum size", ModelErrorCode.ContextOverflow)]
    [InlineData(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API", ModelErrorCode.Quota)]
    [InlineData(402, "billing_error", "pay first", ModelErrorCode.Quota)]
    [InlineData(400, "invalid_request_error", "Output blocked by content filtering policy: content filter", ModelErrorCode.ContentFilter)]
    [InlineData(400, "invalid_request_error", "tools.0: wrong somehow", ModelErrorCode.Refused)]
    public async Task Call_Refused_IsExplainedAndNotRetried(int status, string type, string message, string expected)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Error(status, type, message));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(expected, failure.Code);
        // Where our own sentence says it all, the server's is for the log.
        Assert.Equal(
            status is 404 or 403 || expected is ModelErrorCode.NotFound or ModelErrorCode.Refused,
            failure.UserMessage.Contains($"It says: “{message}”", StringComparison.Ordinal));
        Assert.Contains(message, failure.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Reply_Refused_IsTheContentFilter()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream().End("refusal"));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.ContentFilter, failure.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reply_WithheldByTheFilter_StillCosts(bool hasThought)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        var reply = AnthropicReply.Stream();
        server.Reply((hasThought ? reply.Thinking(0, "c2ln", "hm") : reply).End("refusal"));
        var harness = new LoopHarness(model.Client);

        await harness.RunAsync();

        Assert.Equal((RunStatus.Failed, ModelErrorCode.ContentFilter), (harness.Finished?.Status, harness.Finished?.ErrorCode));
        Assert.Equal((40, false), (harness.Finished!.Usage!.TotalTokens, harness.Finished.Usage.Estimated));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Stream_FailingBeforeItsFirstTokenInSpiteOfRetries_IsAskedForWhole()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => request.Streams
            ? AnthropicReply.Stream().Abort()
            : AnthropicReply.Whole(
                """[{"type":"thinking","thinking":"let me see","signature":"c2ln"},{"type":"text","text":"one two"},{"type":"tool_use","id":"toolu_1","name":"look","input":{"x":1}}]""",
                "tool_use");
        using var model = WireModel.Anthropic(server);

        var reply = await model.AskAsync();

        Assert.Equal(("let me see", "one two"), (reply.Thought, reply.Text));
        Assert.Equal(["toolu_1 look {\"x\":1}"], reply.Calls);
        Assert.Equal(12, Assert.Single(reply.Usage).Details.TotalTokenCount);
        Assert.Contains(
            reply.Updates.SelectMany(update => update.Contents).OfType<TextReasoningContent>(),
            thought => thought.ProtectedData?.Contains("c2ln", StringComparison.Ordinal) == true);
        Assert.Equal([true, true, true, false], server.Requests.Select(request => request.Streams));
    }

    [Fact]
    public async Task Server_ThatIsNotThere_IsUnavailable()
    {
        var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        await server.DisposeAsync();

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.Unavailable, failure.Code);
        Assert.Contains("ANTHROPIC_BASE_URL", failure.UserMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatAnswersWithAPage_IsNotTheApi()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(FakeReply.Body("text/html", "<!doctype html><html></html>"));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.NotFound, failure.Code);
        Assert.Single(server.Requests);
    }
}
