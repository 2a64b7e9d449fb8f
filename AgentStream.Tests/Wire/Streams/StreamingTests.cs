using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Streams;

public sealed class StreamingTests
{
    private const string Odd = "Grüße, 世界 😀 \"quoted\" \\ back\nnew\tline";

    [Fact]
    public async Task Stream_StandardForm_GivesTextUsageAndReason()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Text("Grüße, ", "世界 ", "😀 \"quoted\" ", "\\ back\nnew\tline")));

        var reply = await model.AskAsync();

        Assert.Equal(Odd, reply.Text);
        Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
        var usage = Assert.Single(reply.Usage);
        Assert.Equal((7, 5), (usage.Details.InputTokenCount, usage.Details.OutputTokenCount));
        Assert.False(UsageEstimator.IsEstimated(usage));
        var request = Assert.Single(server.Requests);
        Assert.Equal("/v1/chat/completions", request.Path);
        Assert.Equal("fake", request.Body.GetProperty("model").GetString());
        Assert.True(request.Streams && request.HasStreamOptions);
    }

    [Fact]
    public async Task Stream_FirstToken_ArrivesBeforeTheReplyIsFinished()
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("first").Wait(gate.Task).Deltas(" second").Finish().Done()));

        var text = "";
        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            // The rest of the reply is only sent once this part of it is here.
            text += update.Text;
            if (text == "first")
            {
                gate.TrySetResult();
            }
        }

        Assert.Equal("first second", text);
        Assert.True(gate.Task.IsCompleted);
    }

    [Theory]
    [InlineData("""{"reasoning_content":"thinking"}""")]
    [InlineData("""{"reasoning":"thinking"}""")]
    [InlineData("""{"reasoning":"thinking","reasoning_content":"thinking"}""")]
    [InlineData("""{"content":null,"reasoning":"thinking","reasoning_details":[{"type":"reasoning.text","text":"thinking"}]}""")]
    [InlineData("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"thinking"}]}]}""")]
    public async Task Stream_Reasoning_IsReadOnceAsThought(string delta)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Delta(delta).Deltas("answer").Finish().Done()));

        var reply = await model.AskAsync();

        Assert.Equal("thinking", reply.Thought);
        Assert.Equal("answer", reply.Text);
    }

    [Fact]
    public async Task Stream_ToolCallsInterleaved_AreSortedByIndex()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream()
            .ToolCall(0, "a", "calculator")
            .ToolCall(1, "b", "save_note")
            .ToolArguments(1, "{\"text\":\"caf\\u00")
            .ToolArguments(0, "{\"expression\":")
            .ToolArguments(1, "e9\"}")
            .ToolArguments(0, "\"1+1\"}")
            .Finish("tool_calls").Usage().Done()));

        var reply = await model.AskAsync();

        Assert.Equal(["a calculator {\"expression\":\"1+1\"}", "b save_note {\"text\":\"café\"}"], reply.Calls);
        Assert.Equal(ChatFinishReason.ToolCalls, reply.FinishReason);
    }

    [Fact]
    public async Task Stream_ToolArgumentsThatAreNotJson_AreKeptAsTheyAre()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().ToolCall(0, "a", "calculator").ToolArguments(0, "{\"expression\": 1 +").Finish("tool_calls").Done()));

        var reply = await model.AskAsync();

        Assert.Equal(["a calculator {\"expression\": 1 +"], reply.Calls);
    }

    [Theory]
    // no index
    [InlineData(
        """{"tool_calls":[{"id":"a","function":{"name":"one","arguments":"{}"}},{"id":"b","function":{"name":"two","arguments":"{}"}}]}""",
        "{}")]
    // every call has index 0
    [InlineData(
        """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}]}""",
        """{"tool_calls":[{"index":0,"id":"b","function":{"name":"two","arguments":"{}"}}]}""")]
    // arguments as an object
    [InlineData(
        """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":{}}}]}""",
        """{"tool_calls":[{"index":1,"id":"b","function":{"name":"two","arguments":{}}}]}""")]
    // another id in each piece
    [InlineData(
        """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{"}},{"index":1,"id":"b","function":{"name":"two","arguments":"{}"}}]}""",
        """{"tool_calls":[{"index":0,"id":"z","function":{"arguments":"}"}}]}""")]
    public async Task Stream_ToolCallsInOddForms_AreStillTwo(string first, string second)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Delta(first).Delta(second).Finish("tool_calls").Done()));

        var reply = await model.AskAsync();

        Assert.Equal(["a one {}", "b two {}"], reply.Calls);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n")] // no [DONE]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\ndata: [DONE]\n\n")] // no finish reason
    // no blank lines
    [InlineData(
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\"}}]}\ndata: [DONE]\n")]
    // CR LF, no space, its own reason
    [InlineData("data:{\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"eos\"}]}\r\n\r\ndata:[DONE]\r\n\r\n")]
    [InlineData(": comment\n\nevent: message\nid: 1\ndata: \"Hel\"\n\ndata: \"lo\"\n\ndata: [DONE]\n\n")] // plain strings
    [InlineData("data: {\"content\":\"Hel\"}\n\ndata: {\"content\":\"lo\"}\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"choices\":[{\"text\":\"Hello\",\"finish_reason\":\"length\"}]}\n\n")]
    [InlineData(
        "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"Hel\"},{\"type\":\"text\",\"text\":\"lo\"}]},"
            + "\"finish_reason\":\"stop\"}]}\n\n")]
    [InlineData(
        "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: {\"type\":\"ping\"}\n\ndata: "
            + "{\"choices\":[{\"delta\":{\"role\":\"model\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n")]
    [InlineData(
        "{\"message\":{\"role\":\"assistant\",\"content\":\"Hel\"},\"done\":false}\n"
            + "{\"message\":{\"content\":\"lo\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n")]
    [InlineData("{\n  \"choices\": [\n    { \"message\": { \"content\": \"Hello\" } }\n  ]\n}\n")]
    [InlineData(
        "data: {\"id\":null,\"created\":1.5,\"choices\":[{\"index\":0,\"logprobs\":null,"
            + "\"delta\":{\"content\":\"Hello\",\"tool_calls\":null},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n")]
    public async Task Stream_OddForm_GivesTheSameText(string body)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Bytes(body)));

        var reply = await model.AskAsync();

        Assert.Equal("Hello", reply.Text);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Stream_EscapeCutInTwo_IsOneCharacter()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream()
            .Delta("{\"content\":\"a\\ud83d\"}")
            .Delta("{\"content\":\"\\ude00b\"}")
            .Delta("{\"content\":\"\\ud83d alone\"}")
            .Finish()
            .Done()));

        var reply = await model.AskAsync();

        Assert.Equal("a😀b\ufffd alone", reply.Text);
    }

    [Fact]
    public async Task Stream_WithoutUsage_IsEstimatedAndSaysSo()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("twelve chars").Finish().Done()));

        var usage = Assert.Single((await model.AskAsync()).Usage);

        Assert.True(UsageEstimator.IsEstimated(usage));
        Assert.Equal(3, usage.Details.OutputTokenCount);
        Assert.True(usage.Details.InputTokenCount > 0);
    }

    [Fact]
    public async Task Stream_UsageInEveryChunk_IsCountedOnce()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Stream().Deltas("a").Usage(7, 1).Deltas("b").Usage(7, 2).Finish().Usage(7, 3).Done()));

        var usage = Assert.Single((await model.AskAsync()).Usage);

        Assert.Equal(10, usage.Details.TotalTokenCount);
    }

    [Fact]
    public async Task Stream_Cancelled_AbortsTheRequest()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("first").Wait(new TaskCompletionSource().Task)));

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
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Stream_LeftEarly_AbortsTheRequest()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("first").Wait(new TaskCompletionSource().Task)));

        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            if (update.Text == "first")
            {
                break;
            }
        }

        await server.ClientLeft.WaitAsync(WireTimeout.Default);
    }

    [Fact]
    public async Task Server_WithoutAKey_GetsAPlaceholder_AndAKeyGoesOnlyWhereItBelongs()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = _ => FakeReply.Text("hi");
        using var keyless = new WireModel(server);
        using var keyed = new WireModel(server, new() { ["OPENAI_API_KEY"] = "secret" });
        using var elsewhere = new WireModel(server, new()
        {
            ["OPENAI_API_KEY"] = "secret",
            ["AgentStream:Models:openai:BaseAddress"] = server.BaseAddress.ToString(),
        });

        await keyless.AskAsync();
        await keyed.AskAsync();
        await elsewhere.AskAsync();

        Assert.Equal(["Bearer none", "Bearer secret", "Bearer none"], server.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task Request_WithTools_CarriesTheirSchemas()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Text("hi")));
        var tool = ToolFunction.Create((string text) => text, "echo", "Says it again.");

        await model.Client.GetStreamingResponseAsync(WireModel.Question, new ChatOptions { Tools = [tool] }).ToChatResponseAsync();

        var function = server.Requests[0].Body.GetProperty("tools")[0].GetProperty("function");
        Assert.Equal("echo", function.GetProperty("name").GetString());
        Assert.Equal(
            "string", function.GetProperty("parameters").GetProperty("properties").GetProperty("text").GetProperty("type").GetString());
    }
}
