using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Claude;

/// <summary>
/// Servers that speak Anthropic's protocol in their own way: gateways before other models, and those that leave out what they have not.
/// </summary>
public sealed class AnthropicGatewayTests
{
    private const string Bare =
        """{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"model":"x"}}""";

    [Fact]
    public async Task Stream_WithoutUsage_IsEstimatedAndSaysSo()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(FakeReply.Stream().Event("message_start", Bare).TextBlock(0, "twelve chars")
            .Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""")
            .Event("message_stop", """{"type":"message_stop"}"""));

        var reply = await model.AskAsync();

        Assert.Equal(("twelve chars", ChatFinishReason.Stop), (reply.Text, reply.FinishReason));
        var usage = Assert.Single(reply.Usage);
        Assert.True(UsageEstimator.IsEstimated(usage));
        Assert.Equal(3, usage.Details.OutputTokenCount);
        Assert.True(usage.Details.InputTokenCount > 0);
    }

    [Theory]
    [InlineData("""{"type":"message_start","message":{"usage":{"input_tokens":null,"output_tokens":null}}}""")]
    [InlineData("""{"type":"message_start","message":{"usage":null}}""")]
    [InlineData("""{"type":"message_start","message":{}}""")]
    [InlineData("""{"type":"message_start"}""")]
    public async Task Stream_WithHalfOfTheUsage_KeepsThatAndEstimatesTheRest(string start)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(FakeReply.Stream().Event("message_start", start).TextBlock(0, "Hello").End());

        var reply = await model.AskAsync();

        var usage = Assert.Single(reply.Usage);
        Assert.True(UsageEstimator.IsEstimated(usage));
        Assert.Equal(("Hello", 15), (reply.Text, usage.Details.OutputTokenCount));
        Assert.True(usage.Details.InputTokenCount > 0);
        Assert.Equal(usage.Details.InputTokenCount + 15, usage.Details.TotalTokenCount);
    }

    [Fact]
    public async Task Stream_WithUsageOnlyAtTheEnd_IsTheProvidersCount()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(
            FakeReply.Stream().Event("message_start", Bare).TextBlock(0, "Hello").End(usage: """{"input_tokens":9,"output_tokens":4}"""));

        var usage = Assert.Single((await model.AskAsync()).Usage);

        Assert.Equal((9, 4, false), (usage.Details.InputTokenCount, usage.Details.OutputTokenCount, UsageEstimator.IsEstimated(usage)));
    }

    [Theory]
    // no event lines
    [InlineData(
        "data: {\"type\":\"message_start\",\"message\":{}}\n\ndata: "
            + "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\ndata: "
            + "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\ndata: "
            + "{\"type\":\"content_block_stop\",\"index\":0}\n\ndata: "
            + "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\ndata: "
            + "{\"type\":\"message_stop\"}\n\n")]
    // no indexes, text in the start, no stops, [DONE]
    [InlineData(
        "event: message_start\r\ndata:{\"type\":\"message_start\",\"message\":{}}\r\n\r\ndata: "
            + "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"Hel\"}}\r\n\r\ndata: "
            + "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"lo\"}}\r\n\r\ndata: "
            + "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\r\n\r\ndata: [DONE]\r\n\r\n")]
    // deltas alone
    [InlineData(
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\ndata: "
            + "{\"type\":\"message_stop\"}\n\n")]
    // no text in the start, no message_stop
    [InlineData(
        "data: {\"type\":\"message_start\",\"message\":{}}\n\ndata: {\"type\":\"some_news\",\"x\":1}\n\ndata: "
            + "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\"}}\n\ndata: "
            + "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\ndata: "
            + "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n")]
    // the whole message
    [InlineData(
        "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}],\"stop_reason\":\"end_turn\"}")]
    public async Task Stream_OddForm_GivesTheSameText(string body)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(FakeReply.Stream().Bytes(body));

        var reply = await model.AskAsync();

        Assert.Equal("Hello", reply.Text);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("""{"type":"tool_use","id":"a","name":"look","input":{"x":1}}""", null, """a look {"x":1}""")]
    [InlineData("""{"type":"tool_use","id":"a","name":"look","input":{"x":1}}""", """{"x":1}""", """a look {"x":1}""")]
    [InlineData("""{"type":"tool_use","id":"a","name":"look","input":{}}""", """{"x":1}""", """a look {"x":1}""")]
    [InlineData("""{"type":"tool_use","id":"a","name":"look"}""", null, "a look {}")]
    [InlineData("""{"type":"tool_use","id":"a","name":"look","input":null}""", null, "a look {}")]
    public async Task Stream_ToolInput_IsReadWhereverItStands(string block, string? delta, string call)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        var reply = AnthropicReply.Stream().BlockStart(0, block);
        server.Reply((delta is null ? reply : reply.InputDelta(0, delta)).BlockStop(0).End("tool_use"));

        Assert.Equal([call], (await model.AskAsync()).Calls);
    }

    [Fact]
    public async Task Stream_CallsWithoutIdsOrWithOneForTwo_GetTheirOwn()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream()
            .BlockStart(0, """{"type":"tool_use","name":"look","input":{}}""").InputDelta(0, """{"x":1}""").BlockStop(0)
            .BlockStart(1, """{"type":"tool_use","id":"","name":"look","input":{}}""").BlockStop(1)
            .ToolUse(2, "same", "look", """{"x":2}""").ToolUse(3, "same", "look", """{"x":3}""").End("tool_use"));

        var calls = (await model.AskAsync()).Calls.Select(one => one.Split(' ', 2)).ToList();

        Assert.Equal(["""look {"x":1}""", "look {}", """look {"x":2}""", """look {"x":3}"""], calls.Select(call => call[1]));
        Assert.Equal(4, calls.Select(call => call[0]).Where(id => id.Length > 0).Distinct().Count());
    }

    [Fact]
    public async Task Stream_ThatEndsAfterItsReason_IsWhole()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(EndsWithItsReason());

        var reply = await model.AskAsync();

        Assert.Equal(["a look {}"], reply.Calls);
        Assert.Equal((ChatFinishReason.ToolCalls, 40), (reply.FinishReason, Assert.Single(reply.Usage).Details.TotalTokenCount));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Stream_LostAfterItsReason_IsWhole()
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(EndsWithItsReason().Wait(gate.Task).Abort());

        var reply = new WireReply();
        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            reply.Updates.Add(update);
            if (update.FinishReason is not null)
            {
                gate.TrySetResult();
            }
        }

        Assert.Equal(["a look {}"], reply.Calls);
    }

    [Fact]
    public async Task Stream_EscapeCutInTwo_IsOneCharacter()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Reply(AnthropicReply.Stream().BlockStart(0, """{"type":"text","text":""}""")
            .Event("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\ud83d"}}""")
            .Event("content_block_delta", """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ude00b"}}""")
            .BlockStop(0).End());

        Assert.Equal("a😀b", (await model.AskAsync()).Text);
    }

    [Fact]
    public async Task Reply_ThatComesWholeWithoutUsage_IsEstimated()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        server.Otherwise = request => request.Streams
            ? AnthropicReply.Stream().Abort()
            : FakeReply.Json(
                """{"type":"message","role":"assistant","content":[{"type":"text","text":"Hello"},{"type":"tool_use","name":"look","input":{"x":1}}],"stop_reason":"tool_use"}""");

        var reply = await model.AskAsync();

        Assert.Equal("Hello", reply.Text);
        Assert.EndsWith("""look {"x":1}""", Assert.Single(reply.Calls), StringComparison.Ordinal);
        Assert.True(UsageEstimator.IsEstimated(Assert.Single(reply.Usage)));
    }

    [Fact]
    public async Task Stream_OddFormSplitAnywhere_IsTheSameReply()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = WireModel.Anthropic(server);
        static FakeReply Recorded() => FakeReply.Stream().Chunk("""{"type":"message_start","message":{}}""")
            .Chunk("""{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"Hm, 世界. "}}""")
            .Chunk("""{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Ja 😀."}}""")
            .Chunk("""{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Grüße"}}""")
            .Chunk("""{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" \ud83d"}}""")
            .Chunk("""{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"\ude00"}}""")
            .Chunk(
                """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"a","name":"look","input":{"text":"é"}}}""")
            .Chunk("""{"type":"message_delta","delta":{"stop_reason":"tool_use"}}""");
        server.Reply(Recorded());
        var expected = (await model.AskAsync()).ToString();

        Prop.ForAll(Gen.Choose(1, Recorded().ToBytes().Length - 1).ListOf().ToArbitrary(), positions =>
        {
            server.Reply(Recorded().SplitAt(positions));
            return model.AskAsync().GetAwaiter().GetResult().ToString() == expected;
        }).QuickCheckThrowOnFailure();
        Assert.StartsWith("Hm, 世界. Ja 😀.|Grüße 😀|a look {\"text\":\"é\"}|tool_calls|", expected, StringComparison.Ordinal);
    }

    private static FakeReply EndsWithItsReason() => AnthropicReply.Stream().ToolUse(0, "a", "look", "{}")
        .Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":15}}""");
}
