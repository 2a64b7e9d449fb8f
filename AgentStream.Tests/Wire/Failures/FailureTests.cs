using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Failures;

public sealed class FailureTests
{
    private static readonly Dictionary<string, Func<FakeReply, FakeReply>> Broken = new()
    {
        ["aborted"] = reply => reply.Abort(),
        ["ended without finish"] = reply => reply,
        ["malformed chunk"] = reply => reply.Chunk("{\"choices\":[{\"delta\":"),
        ["nonsense"] = reply => reply.Chunk("{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"choices\":17}"),
        ["not an object"] = reply => reply.Chunk("[1,2,3]"),
        ["vLLM's error"] = reply => reply.Chunk(
            "{\"object\":\"error\",\"message\":\"out of memory\",\"type\":\"InternalServerError\",\"param\":null,\"code\":500}").Done(),
        ["error event"] = reply => reply.Chunk("{\"error\":{\"message\":\"overloaded\",\"code\":502}}"),
    };

    public static TheoryData<string> Breaks => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Stream_BrokenAfterTheFirstToken_SaysThatItIsBroken(string how)
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(Broken[how](FakeReply.Stream().Deltas("partial").Wait(gate.Task))));

        var text = "";
        var failure = await Assert.ThrowsAsync<ModelStreamBrokenException>(async () =>
        {
            await foreach (var update in model.StreamAsync(CancellationToken.None))
            {
                text += update.Text;
                gate.TrySetResult();
            }
        });

        Assert.Equal("partial", text);
        Assert.Equal(ModelErrorCode.Unavailable, failure.Code);
        Assert.Single(server.Requests);
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Stream_BrokenBeforeTheFirstToken_IsRetried(string how)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(Broken[how](FakeReply.Stream().Delta("{\"role\":\"assistant\",\"content\":\"\"}")), FakeReply.Text("fine")));

        var reply = await model.AskAsync();

        Assert.Equal("fine", reply.Text);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Stream_CutInAToolCall_YieldsNoHalfCall()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().ToolCall(0, "a", "save_note").ToolArguments(0, "{\"text\":\"half"),
            FakeReply.Stream().ToolCall(0, "b", "save_note").ToolArguments(0, "{\"text\":\"whole\"}").Finish("tool_calls").Done()));

        var reply = await model.AskAsync();

        Assert.Equal(["b save_note {\"text\":\"whole\"}"], reply.Calls);
    }

    [Fact]
    public async Task Stream_LostAfterItsFinish_IsComplete()
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("all of it").Finish().Wait(gate.Task).Abort()));

        var text = "";
        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            text += update.Text;
            if (update.FinishReason is not null)
            {
                gate.TrySetResult();
            }
        }

        Assert.Equal("all of it", text);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task Call_RefusedForTheMoment_IsRetried(int status)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Error(status, "not now", retryAfter: "0"), FakeReply.Text("fine")));

        Assert.Equal("fine", (await model.AskAsync()).Text);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Call_RetryAfterBeyondTheLongestPause_IsNotRetried()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Error(429, "slow down", retryAfter: "3600"), FakeReply.Text("fine")));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.RateLimited, failure.Code);
        Assert.Equal(TimeSpan.FromHours(1), failure.RetryAfter);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Call_RetryAfterAsADate_IsUnderstood()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Error(503, "not now", retryAfter: "Fri, 01 Jan 2100 00:00:00 GMT"),
            FakeReply.Error(503, "not now", retryAfter: "Fri, 01 Jan 2100 00:00:00 GMT")));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.True(failure.RetryAfter > TimeSpan.FromDays(365));
    }

    [Theory]
    [InlineData(401, "bad key", "invalid_api_key", ModelErrorCode.Auth)]
    [InlineData(403, "no access", "forbidden", ModelErrorCode.Auth)]
    [InlineData(404, "nothing here", "model_not_found", ModelErrorCode.NotFound)]
    [InlineData(400, "The model 'x' does not exist", "invalid", ModelErrorCode.NotFound)]
    [InlineData(400, "This model's maximum context length is 10 tokens", "context_length_exceeded", ModelErrorCode.ContextOverflow)]
    [InlineData(400, "filtered", "content_filter", ModelErrorCode.ContentFilter)]
    [InlineData(429, "You exceeded your current quota", "insufficient_quota", ModelErrorCode.Quota)]
    [InlineData(402, "Insufficient credits", "402", ModelErrorCode.Quota)]
    [InlineData(400, "wrong somehow", "invalid_request", ModelErrorCode.Refused)]
    public async Task Call_Refused_IsExplainedAndNotRetried(int status, string message, string code, string expected)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Error(status, message, code)));

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
    public async Task Call_FailingForever_EndsAfterItsRetries()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server, new() { ["AgentStream:Models:openai:MaxRetries"] = "1" });

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.Unavailable, failure.Code);
        Assert.Equal([true, true, false, false], server.Requests.Select(request => request.Streams));
    }

    [Fact]
    public async Task Server_ThatIsNotThere_IsUnavailable()
    {
        var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server);
        await server.DisposeAsync();

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.Unavailable, failure.Code);
        Assert.Contains("OPENAI_API_BASE", failure.UserMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatAnswersWithAPage_IsNotTheApi()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Body("text/html", "<!doctype html><html></html>")));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Contains("/v1", failure.UserMessage, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Reply_WithheldByTheFilter_IsAnError()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Finish("content_filter").Done()));

        var (_, failure) = await model.FailAsync<ModelException>();

        Assert.Equal(ModelErrorCode.ContentFilter, failure.Code);
    }

    [Fact]
    public async Task Reply_CutShortByItsLength_SaysSo()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("only so").Finish("length").Done()));

        Assert.Equal(ChatFinishReason.Length, (await model.AskAsync()).FinishReason);
    }
}
