using System.Text.Json;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Claude;

public sealed class AnthropicStreamingTests
{
    private static FakeReply Recorded() => AnthropicReply.Stream(input: 25, cacheRead: 100, cacheWritten: 10)
        .Ping()
        .Thinking(0, "c2ln", "Überlegen ", "世界 😀")
        .Redacted(1, "ZW5j")
        .TextBlock(2, "Grüße, ", "😀 \"quoted\"", " \\ back\nnew")
        .Ping()
        .ToolUse(3, "toolu_1", "calculator", "{\"expression\":", "\"1+1\"}")
        .ToolUse(4, "toolu_2", "save_note", "", "{\"text\":\"caf\\u00", "e9\"}")
        .End("tool_use", """{"output_tokens":42,"output_tokens_details":{"thinking_tokens":30}}""");

    [Fact]
    public async Task Stream_StandardForm_GivesThoughtTextCallsUsageAndReason()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(Recorded());

        var reply = await model.AskAsync();

        Assert.Equal("Überlegen 世界 😀", reply.Thought);
        Assert.Equal("Grüße, 😀 \"quoted\" \\ back\nnew", reply.Text);
        Assert.Equal(["toolu_1 calculator {\"expression\":\"1+1\"}", "toolu_2 save_note {\"text\":\"café\"}"], reply.Calls);
        Assert.Equal(ChatFinishReason.ToolCalls, reply.FinishReason);
        var usage = Assert.Single(reply.Usage).Details;
        Assert.Equal((
            135, 42, 177, 100, 30), (
                usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount,
                usage.ReasoningTokenCount));
        Assert.False(UsageEstimator.IsEstimated(usage));
        var request = Assert.Single(server.Requests);
        Assert.Equal(("/v1/messages", "Bearer secret", true), (request.Path, request.Authorization, request.Streams));
        Assert.Equal("claude-fake", request.Body.GetProperty("model").GetString());
        Assert.Equal("adaptive", request.Body.GetProperty("thinking").GetProperty("type").GetString());
        Assert.Equal("summarized", request.Body.GetProperty("thinking").GetProperty("display").GetString());
    }

    [Fact]
    public async Task Stream_SplitAnywhere_IsTheSameReply()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(Recorded());
        var expected = (await model.AskAsync()).ToString();
        var length = Recorded().ToBytes().Length;

        Prop.ForAll(Gen.Choose(1, length - 1).ListOf().ToArbitrary(), positions =>
        {
            server.Reply(Recorded().SplitAt(positions));
            return model.AskAsync().GetAwaiter().GetResult().ToString() == expected;
        }).QuickCheckThrowOnFailure();
        Assert.Contains("世界 😀", expected, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_FirstToken_ArrivesBeforeTheReplyIsFinished()
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream()
            .BlockStart(0, """{"type":"text","text":""}""")
            .TextDelta(0, "first")
            .Wait(gate.Task)
            .TextDelta(0, " second")
            .BlockStop(0)
            .End());

        var text = "";
        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            text += update.Text;
            if (text == "first")
            {
                gate.TrySetResult();
            }
        }

        Assert.Equal("first second", text);
    }

    [Fact]
    public async Task Stream_ArgumentsThatAreNoJson_AreKeptWordForWord()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream().ToolUse(0, "toolu_1", "one", "{\"a\":", " oops").ToolUse(1, "toolu_2", "two").End("tool_use"));

        Assert.Equal(["toolu_1 one {\"a\": oops", "toolu_2 two {}"], (await model.AskAsync()).Calls);
    }

    [Theory]
    [InlineData("max_tokens", "length")]
    [InlineData("model_context_window_exceeded", "length")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("end_turn", "stop")]
    public async Task Stream_StopReason_IsUnderstood(string stopReason, string expected)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream().TextBlock(0, "so far").End(stopReason));

        Assert.Equal(expected, (await model.AskAsync()).FinishReason?.Value);
    }

    [Fact]
    public async Task Stream_LostAfterItsLastEvent_IsComplete()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Text("all of it").Wait(new TaskCompletionSource().Task));

        Assert.Equal("all of it", (await model.AskAsync()).Text);
    }

    [Fact]
    public async Task Stream_Cancelled_AbortsTheRequest()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream().TextBlock(0, "first").Wait(new TaskCompletionSource().Task));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in model.StreamAsync(cancel.Token))
            {
                if (update.Text == "first")
                {
                    await cancel.CancelAsync();
                }
            }
        });

        await server.ClientLeft.WaitAsync(WireTimeout.Default);
    }

    [Fact]
    public async Task Prompt_GoesOnBehindTools_WithTheSignedThoughtsWhereTheyStood()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(Recorded(), AnthropicReply.Text("2"));
        var first = await model.Client.GetStreamingResponseAsync(WireModel.Question).ToListAsync();
        var thoughts = first.SelectMany(update => update.Contents)
            .OfType<TextReasoningContent>()
            .Where(thought => thought.ProtectedData is not null);

        await model.Client.GetStreamingResponseAsync(
        [
            new(ChatRole.System, "be good"),
            .. WireModel.Question,
            new(ChatRole.Assistant, [.. thoughts, new TextContent("text"), ToolCallText.CreateCall(
                "toolu_1", "one", "{\"a\":1}"), ToolCallText.CreateCall("functions.two:0", "two", "not json")]),
            new(ChatRole.Tool, [new FunctionResultContent("toolu_1", "first")]),
            new(ChatRole.Tool, [new FunctionResultContent("functions.two:0", "second")]),
        ]).ToListAsync();

        var body = server.Requests[1].Body;
        Assert.Equal("be good", body.GetProperty("system")[0].GetProperty("text").GetString());
        var messages = body.GetProperty("messages");
        Assert.Equal(3, messages.GetArrayLength());
        var assistant = messages[1].GetProperty("content");
        Assert.Equal(
            ["thinking", "redacted_thinking", "text", "tool_use", "tool_use"],
            assistant.EnumerateArray().Select(block => block.GetProperty("type").GetString()!));
        Assert.Equal(
            ("Überlegen 世界 😀", "c2ln"),
            (assistant[0].GetProperty("thinking").GetString(), assistant[0].GetProperty("signature").GetString()));
        Assert.Equal("ZW5j", assistant[1].GetProperty("data").GetString());
        Assert.Equal(JsonValueKind.Object, assistant[4].GetProperty("input").ValueKind);
        Assert.Equal(CallIds.Short("functions.two:0/0"), assistant[4].GetProperty("id").GetString());
        Assert.Equal(
            [CallIds.Short("toolu_1/0"), CallIds.Short("functions.two:0/0")],
            messages[2].GetProperty("content").EnumerateArray().Select(block => block.GetProperty("tool_use_id").GetString()!));
    }

    [Fact]
    public async Task Prompt_WithAnotherModelsThoughts_LeavesThemOut()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var claude = WireModel.Anthropic(server);
        using var other = new WireModel(
            server, new() { ["ANTHROPIC_API_KEY"] = "secret", ["ANTHROPIC_BASE_URL"] = server.RootAddress.ToString() },
            "anthropic/claude-other");
        using var openai = new WireModel(server);
        server.Reply(Recorded(), AnthropicReply.Text("a"), FakeReply.Text("b"));
        var first = await claude.Client.GetStreamingResponseAsync(WireModel.Question).ToListAsync();
        List<ChatMessage> prompt =
        [
            .. WireModel.Question,
            new(ChatRole.Assistant, [.. first.SelectMany(update => update.Contents)
                .OfType<TextReasoningContent>()
                .Where(thought => thought.ProtectedData is not null), new TextContent("text")]),
            new(ChatRole.User, "and?"),
        ];

        await other.Client.GetStreamingResponseAsync(prompt).ToListAsync();
        await openai.Client.GetStreamingResponseAsync(prompt).ToListAsync();

        Assert.All(server.Requests.Skip(1), request =>
        {
            Assert.DoesNotContain("c2ln", request.Body.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("ZW5j", request.Body.GetRawText(), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("adaptive")]
    [InlineData("2048")]
    [InlineData("off")]
    public async Task Request_WithTemperatureAndLimit_CarriesBothAndDoesNotThink(string thinking)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server, new() { ["AgentStream:Models:anthropic:Thinking"] = thinking });
        server.Reply(AnthropicReply.Text("hi"));

        await model.Client.GetStreamingResponseAsync(
            [new ChatMessage(ChatRole.System, "be good"), .. WireModel.Question],
            new ChatOptions
            {
                Temperature = 0.2f,
                MaxOutputTokens = 7777,
                Tools = [ToolFunction.Create((string text) => text, "echo", "Says it again.")],
            }).ToListAsync();

        var body = Assert.Single(server.Requests).Body;
        Assert.Equal("0.2", body.GetProperty("temperature").GetRawText());
        Assert.Equal(7777, body.GetProperty("max_tokens").GetInt32());
        Assert.False(body.TryGetProperty("thinking", out _));
        Assert.Equal("claude-fake", body.GetProperty("model").GetString());
        Assert.Equal("be good", body.GetProperty("system")[0].GetProperty("text").GetString());
        Assert.Equal("echo", body.GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.Equal(
            "Say something.",
            Assert.Single(body.GetProperty("messages").EnumerateArray()).GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Request_WithTheUsualTemperature_StillThinks()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Text("hi"));

        await model.Client.GetStreamingResponseAsync(WireModel.Question, new ChatOptions { Temperature = 1 }).ToListAsync();

        var body = Assert.Single(server.Requests).Body;
        Assert.False(body.TryGetProperty("temperature", out _));
        Assert.Equal("adaptive", body.GetProperty("thinking").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Model_ThatTakesNoTemperature_SaysWhatToLeaveOut()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Error(400, "invalid_request_error", "`temperature` is deprecated for this model."));

        var failure = await Assert.ThrowsAsync<ModelException>(
            async () =>
                await model.Client.GetStreamingResponseAsync(WireModel.Question, new ChatOptions { Temperature = 0.2f }).ToListAsync());

        Assert.Equal(ModelErrorCode.Refused, failure.Code);
        Assert.Contains("temperature", failure.UserMessage, StringComparison.Ordinal);
        Assert.Contains("Leave it out", failure.UserMessage, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Model_ThatRefusesThinking_IsAskedWithLessAndRemembered()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Otherwise = request => request.Body.TryGetProperty("thinking", out var thinking)
            ? AnthropicReply.Error(
                400, "invalid_request_error", $"{thinking.GetProperty("type").GetString()} thinking is not supported on this model")
            : AnthropicReply.Text("hi");

        Assert.Equal("hi", (await model.AskAsync()).Text);
        Assert.Equal("hi", (await model.AskAsync()).Text);

        Assert.Equal(
            ["adaptive", "enabled", "", ""],
            server.Requests.Select(
                request => request.Body.TryGetProperty("thinking", out var thinking) ? thinking.GetProperty("type").GetString()! : ""));
    }

    [Fact]
    public async Task Budget_WithAReplyThatHasNoThought_GoesOnWithoutThinking()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server, new() { ["AgentStream:Models:anthropic:Thinking"] = "2048" });
        server.Reply(AnthropicReply.Text("a"), AnthropicReply.Text("b"));

        await model.AskAsync();
        await model.Client.GetStreamingResponseAsync(
        [
            .. WireModel.Question,
            new(ChatRole.Assistant, [ToolCallText.CreateCall("toolu_1", "one", "{}")]),
            new(ChatRole.Tool, [new FunctionResultContent("toolu_1", "first")]),
        ]).ToListAsync();

        Assert.Equal(2048, server.Requests[0].Body.GetProperty("thinking").GetProperty("budget_tokens").GetInt32());
        Assert.False(server.Requests[1].Body.TryGetProperty("thinking", out _));
    }

    [Fact]
    public async Task Request_WithTools_CarriesTheirSchemas()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Text("hi"));
        var tool = ToolFunction.Create((string text) => text, "echo", "Says it again.");

        await model.Client.GetStreamingResponseAsync(WireModel.Question, new ChatOptions { Tools = [tool] }).ToListAsync();

        var sent = server.Requests[0].Body.GetProperty("tools")[0];
        Assert.Equal("echo", sent.GetProperty("name").GetString());
        Assert.Equal(
            "string", sent.GetProperty("input_schema").GetProperty("properties").GetProperty("text").GetProperty("type").GetString());
    }
}
