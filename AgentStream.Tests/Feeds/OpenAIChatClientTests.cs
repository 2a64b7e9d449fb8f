using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Feeds;

/// <summary>What AgentStream relies on in <c>AsIChatClient()</c>, whichever package or stand-in it comes from.</summary>
public sealed class OpenAIChatClientTests
{
    [Fact]
    public async Task Streaming_TextAndReasoning_PassesBothOnOnceAndInOrder()
    {
        await using var server = await OneReplyServer.StartStreamingAsync(
            Chunk("""{"role":"assistant","content":null,"reasoning_content":"let me "}"""),
            Chunk("""{"reasoning_content":"think"}"""),
            Chunk("""{"reasoning_content":null,"content":"4"}"""),
            Chunk("""{"content":"2 \ud83d\ude00"}"""),
            Chunk("{}", finish: "stop"),
            """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}""");

        var updates = await server.Client.GetStreamingResponseAsync("hi").ToListAsync();
        var contents = updates.SelectMany(update => update.Contents).ToList();

        Assert.Equal("let me think", string.Concat(contents.OfType<TextReasoningContent>().Select(content => content.Text)));
        Assert.Equal("42 😀", string.Concat(contents.OfType<TextContent>().Select(content => content.Text)));
        var usage = Assert.Single(contents.OfType<UsageContent>()).Details;
        Assert.Equal((5, 7, 12, 2, 3), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.All(updates, update => Assert.Equal(("c1", "m"), (update.ResponseId, update.ModelId)));
        Assert.True((bool)server.Request["stream_options"]!["include_usage"]!);
    }

    [Fact]
    public async Task Streaming_ServerThatSaysItsReasoningTwice_PassesItOnOnce()
    {
        await using var server = await OneReplyServer.StartStreamingAsync(
            Chunk("""{"role":"assistant","reasoning":"hm","reasoning_content":"hm"}"""),
            Chunk("""{"content":"ok"}""", finish: "stop"));

        var updates = await server.Client.GetStreamingResponseAsync("hi").ToListAsync();

        Assert.Equal("hm", Assert.Single(updates.SelectMany(update => update.Contents).OfType<TextReasoningContent>()).Text);
    }

    [Fact]
    public async Task Streaming_CallsInPieces_ArrivesWholeAfterTheLastPiece()
    {
        await using var server = await OneReplyServer.StartStreamingAsync(
            Chunk("""{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"add","arguments":""}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"note","arguments":"{\"text\":\"x\\"}}]}"""),
            Chunk("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}"""),
            Chunk("""{"tool_calls":[{"index":1,"function":{"arguments":"ny é\"}"}},{"index":0,"function":{"arguments":"1}"}}]}"""),
            Chunk("{}", finish: "tool_calls"));

        var updates = await server.Client.GetStreamingResponseAsync("hi").ToListAsync();

        Assert.All(updates.SkipLast(1), update => Assert.Empty(update.Contents.OfType<FunctionCallContent>()));
        var calls = updates[^1].Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal([("a", "add"), ("b", "note")], calls.Select(call => (call.CallId, call.Name)));
        Assert.Equal(1, ((JsonElement)calls[0].Arguments!["x"]!).GetInt32());
        Assert.Equal("x\ny é", ((JsonElement)calls[1].Arguments!["text"]!).GetString());
        Assert.Equal(ChatFinishReason.ToolCalls, updates[^1].FinishReason);
    }

    [Fact]
    public async Task Streaming_ArgumentsThatAreNotJson_BecomesTheCallsException()
    {
        await using var server = await OneReplyServer.StartStreamingAsync(
            Chunk("""{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"add","arguments":"x = 1"}}]}"""),
            Chunk("{}", finish: "tool_calls"));

        var updates = await server.Client.GetStreamingResponseAsync("hi").ToListAsync();

        var call = Assert.Single(updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>());
        Assert.NotNull(call.Exception);
        Assert.Equal("add", call.Name);
    }

    [Fact]
    public async Task Whole_ReplyWithReasoningAndCall_HasBothAndUsage()
    {
        await using var server = await OneReplyServer.StartAsync("application/json", """
            {"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"so",
            "reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"add","arguments":"{\"x\":1}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}
            """);

        var response = await server.Client.GetResponseAsync("hi");

        Assert.Equal("so", response.Text);
        Assert.Equal("hm", Assert.Single(response.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
        Assert.Equal("add", Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>()).Name);
        Assert.Equal(3, response.Usage?.TotalTokenCount);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task Request_ConversationWithTools_IsWhatTheEndpointTakes()
    {
        await using var server = await OneReplyServer.StartStreamingAsync(Chunk("""{"role":"assistant","content":"ok"}""", finish: "stop"));
        ChatOptions options = new()
        {
            Instructions = "Be kind.",
            Temperature = 0.5f,
            MaxOutputTokens = 9,
            StopSequences = ["END"],
            ModelId = "other",
            ToolMode = ChatToolMode.RequireSpecific("add"),
            AllowMultipleToolCalls = false,
            Tools = [AIFunctionFactory.Create((int x) => x + 1, "add", "Adds one."), AIFunctionFactory.Create(() => 1, "one", "One.")],
        };
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "hi"),
            new(ChatRole.Assistant, [new TextReasoningContent("not sent"), new FunctionCallContent("a", "add", new Dictionary<string, object?> { ["x"] = 1 })]),
            new(ChatRole.Tool, [new FunctionResultContent("a", 2)]),
        ];

        await server.Client.GetStreamingResponseAsync(conversation, options).ToListAsync();

        var messages = (JsonArray)server.Request["messages"]!;
        Assert.Equal(["system", "user", "assistant", "tool"], messages.Select(message => (string?)message!["role"]));
        Assert.Equal(1, (int)JsonNode.Parse((string)messages[2]!["tool_calls"]![0]!["function"]!["arguments"]!)!["x"]!);
        Assert.Equal("a", (string?)messages[3]!["tool_call_id"]);
        Assert.DoesNotContain("not sent", server.Request.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("other", (string?)server.Request["model"]);
        Assert.Equal(9, (int?)server.Request["max_completion_tokens"]);
        Assert.Equal("END", (string?)server.Request["stop"]![0]);
        Assert.Equal("add", (string?)server.Request["tool_choice"]!["function"]!["name"]);
        Assert.False((bool?)server.Request["parallel_tool_calls"]);
        var tools = (JsonArray)server.Request["tools"]!;
        Assert.Equal("integer", (string?)tools[0]!["function"]!["parameters"]!["properties"]!["x"]!["type"]);
        Assert.Equal("object", (string?)tools[1]!["function"]!["parameters"]!["type"]);
    }

    private static string Chunk(string delta, string? finish = null) =>
        $$"""{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{(finish is null ? "null" : $"\"{finish}\"")}}}]}""";
}
