using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Claude;

/// <summary>
/// What becomes of a run that Claude's server, or one that speaks its protocol, refuses, and of the next message in the same session.
/// </summary>
public sealed class AnthropicRefusalTests : IAsyncLifetime, IDisposable
{
    private FakeOpenAIServer _server = null!;
    private WireModel _model = null!;

    public static TheoryData<string, int?, int> LongReplies => new()
    {
        { "max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet-20241022", null, 8192 },
        { "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4-6", 100_000, 64_000 },
        {
            "input length and `max_tokens` exceed context limit: 188240 + 16384 > 200000, decrease input length or `max_tokens` and try "
            + "again", null, 11_760
        },
    };

    public static TheoryData<int, string, string> LongPrompts => new()
    {
        { 400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum" },
        {
            400, "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 199900 + 16384 > 200000, decrease input length or `max_tokens` and try "
            + "again"
        },
        { 413, "request_too_large", "Request exceeds the maximum size" },
        // Z.ai and MiniMax with the same protocol
        { 400, "invalid_request_error", "API 调用参数有误，请检查文档。Request 282387 input tokens exceeds the model's maximum context length 202750" },
        { 400, "invalid_request_error", "invalid params, context window exceeds limit (2013)" },
    };

    public async Task InitializeAsync()
    {
        _server = await FakeOpenAIServer.StartAsync();
        _server.Otherwise = _ => AnthropicReply.Text("fine");
        _model = WireModel.Anthropic(_server);
    }

    [Theory]
    [MemberData(nameof(LongReplies))]
    public async Task Run_WhoseReplyHasNoRoom_IsAskedAgainWithWhatFits(string message, int? asked, int fits)
    {
        _server.Reply(AnthropicReply.Error(400, "invalid_request_error", message));
        var run = await RunAsync(new LoopHarness(_model.Client) { MaxTokens = asked });

        Assert.Equal((RunStatus.Completed, "FinalAnswer"), (run.Finished!.Status, run.Shape));
        Assert.Equal(
            [asked ?? 16_384, fits], _server.Requests.Take(2).Select(request => request.Body.GetProperty("max_tokens").GetInt32()));
    }

    [Theory]
    [MemberData(nameof(LongPrompts))]
    public async Task Run_RefusedAsTooLong_IsCondensedAndGoesOn(int status, string type, string message)
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => new string('x', 20_000), "look", "Looks.")) { IsIdempotent = true };
        _server.Reply(
            AnthropicReply.Stream().ToolUse(0, "toolu_1", "look", "{}").End("tool_use"), AnthropicReply.Error(status, type, message));

        var run = await RunAsync(new LoopHarness(_model.Client, look));

        Assert.Equal((RunStatus.Completed, "ToolUse ToolResult Thought FinalAnswer"), (run.Finished!.Status, run.Shape));
    }

    [Theory]
    [InlineData(429, "rate_limit_error", "This request would exceed your organization's rate limit of 40,000 input tokens per minute")]
    [InlineData(429, "1302", "您的账户已达到速率限制，请您控制请求频率")]
    [InlineData(429, "throttling_error", "Too many tokens, please wait before trying again.")]
    [InlineData(529, "overloaded_error", "Overloaded")]
    public async Task Run_RefusedForTheMinute_WaitsAndGoesOn(int status, string type, string message)
    {
        _server.Reply(AnthropicReply.Error(status, type, message));

        Assert.Equal(RunStatus.Completed, (await RunAsync(new LoopHarness(_model.Client))).Finished!.Status);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Theory]
    [InlineData(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.")]
    [InlineData(429, "1113", "Insufficient balance or no resource package. Please recharge.")]
    [InlineData(403, "billing_error", "Your billing details are missing")]
    [InlineData(429, "1308", "Usage limit reached for 5 hour.")]
    public async Task Run_RefusedForMoney_EndsAtOnce(int status, string type, string message)
    {
        _server.Reply(AnthropicReply.Error(status, type, message));

        Assert.Equal("model_quota", (await RunAsync(new LoopHarness(_model.Client))).Finished!.ErrorCode);
        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [InlineData(
        "messages.3.content.0: unexpected block for key sk-ant-abcdefgh1234567. See https://docs.example.",
        "messages.3.content.0: unexpected block for key ….")]
    [InlineData("tools.0.custom.input_schema: JSON schema is invalid", "tools.0.custom.input_schema: JSON schema is invalid")]
    [InlineData("The gateway at 10.1.2.3:9000 has no route", "The gateway at … has no route")]
    public async Task Run_RefusedForAnUnknownReason_SaysWhatTheServerSaid(string message, string words)
    {
        _server.Reply(AnthropicReply.Error(400, "invalid_request_error", message));
        var run = await RunAsync(new LoopHarness(_model.Client));

        Assert.Equal("model_refused", run.Finished!.ErrorCode);
        Assert.Contains($"It says: “{words}”", run.Finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfAModelWithoutTools_IsAskedAgainWithoutAndSaysSo()
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => "seen", "look", "Looks."));
        _server.Reply(AnthropicReply.Error(400, "invalid_request_error", "registry.ollama.ai/library/gemma3:4b does not support tools"));
        var run = await RunAsync(new LoopHarness(_model.Client, look));

        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (run.Finished!.Status, run.Shape));
        Assert.Equal([true, false], _server.Requests.Take(2).Select(request => request.Body.TryGetProperty("tools", out _)));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _model.Dispose();

    /// <summary>The run, and the next message of its session, which always works.</summary>
    private async Task<LoopHarness> RunAsync(LoopHarness run)
    {
        await run.RunAsync();
        var next = new LoopHarness(_model.Client) { Conversation = [run.AsTurn()], Message = "and now?" };
        await next.RunAsync();
        Assert.Equal((RunStatus.Completed, "fine"), (next.Finished!.Status, next.Steps.Last().Content));
        return run;
    }
}
