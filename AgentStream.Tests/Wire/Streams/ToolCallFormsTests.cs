using AgentStream.Tests.Wire.Fake;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>The forms in which servers stream tool calls beside the standard's, each as some server was seen to send it.</summary>
public sealed class ToolCallFormsTests
{
    private static readonly Dictionary<string, (string[] Deltas, string[] Calls)> Forms = new()
    {
        ["one id at two places"] = (
            [
                """{"tool_calls":[{"index":0,"id":"call_0","function":{"name":"one","arguments":"{\"a\":"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}""",
                """{"tool_calls":[{"index":1,"id":"call_0","function":{"name":"two","arguments":"{\"b\":"}}]}""",
                """{"tool_calls":[{"index":1,"id":"call_0","function":{"arguments":"2}"}}]}""",
            ],
            ["""one {"a":1}""", """two {"b":2}"""]),
        ["one id at two places, interleaved, all repeated in each piece"] = (
            [
                """{"tool_calls":[{"index":0,"id":"x","function":{"name":"one","arguments":""}},{"index":1,"id":"x","function":{"name":"one","arguments":""}}]}""",
                """{"tool_calls":[{"index":1,"id":"x","function":{"name":"one","arguments":"{\"b\""}},{"index":0,"id":"x","function":{"name":"one","arguments":"{\"a\""}}]}""",
                """{"tool_calls":[{"index":0,"id":"x","function":{"name":"one","arguments":":1}"}},{"index":1,"id":"x","function":{"name":"one","arguments":":2}"}}]}""",
            ],
            ["""one {"a":1}""", """one {"b":2}"""]),
        ["one id at one place"] = (
            [
                """{"tool_calls":[{"index":0,"id":"x","function":{"name":"one","arguments":"{\"a\":1}"}}]}""",
                """{"tool_calls":[{"index":0,"id":"x","function":{"name":"one","arguments":"{\"a\":2}"}}]}""",
            ],
            ["""one {"a":1}""", """one {"a":2}"""]),
        ["no ids, all at one place"] = (
            [
                """{"tool_calls":[{"index":0,"id":"","function":{"name":"one","arguments":"{\"a\":1}"}},{"index":0,"id":"","function":{"name":"one","arguments":"{\"a\":2}"}}]}""",
                """{"tool_calls":[{"index":0,"id":null,"function":{"name":"two","arguments":"{}"}}]}""",
            ],
            ["""one {"a":1}""", """one {"a":2}""", "two {}"]),
        ["own ids, all at one place, the same call"] = (
            [
                """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}]}""",
                """{"tool_calls":[{"index":0,"id":"b","function":{"name":"one","arguments":"{}"}}]}""",
            ],
            ["one {}", "one {}"]),
        ["index null"] = (
            [
                """{"tool_calls":[{"index":null,"id":"a","function":{"name":"one","arguments":"{\"a\""}}]}""",
                """{"tool_calls":[{"index":null,"id":null,"function":{"name":null,"arguments":":1}"}}]}""",
                """{"tool_calls":[{"index":null,"id":"b","function":{"name":"two","arguments":"{}"}}]}""",
            ],
            ["""one {"a":1}""", "two {}"]),
        ["index as text"] = (
            [
                """{"tool_calls":[{"index":"0","function":{"name":"one","arguments":"{\"a\""}},{"index":"1","function":{"name":"two","arguments":"{"}}]}""",
                """{"tool_calls":[{"index":"0","function":{"arguments":":1}"}},{"index":"1","function":{"arguments":"}"}}]}""",
            ],
            ["""one {"a":1}""", "two {}"]),
        ["name in each piece, without index and id"] = (
            [
                """{"tool_calls":[{"function":{"name":"one","arguments":"{\"a\""}}]}""",
                """{"tool_calls":[{"function":{"name":"one","arguments":":1}"}}]}""",
                """{"tool_calls":[{"function":{"name":"one","arguments":"{}"}}]}""",
            ],
            ["""one {"a":1}""", "one {}"]),
        ["another id and the name in each piece"] = (
            [
                """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"id":"b","function":{"name":"one","arguments":"{\"a\""}}]}""",
                """{"tool_calls":[{"index":0,"id":"c","function":{"name":"one","arguments":":1}"}}]}""",
            ],
            ["""one {"a":1}"""]),
        ["the whole call again at the end"] = (
            [
                """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}""",
                """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{\"a\":1}"}}]}""",
            ],
            ["""one {"a":1}"""]),
        ["id in the function"] = (
            [
                """{"tool_calls":[{"index":0,"function":{"id":"a","name":"one","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"id":"a","name":"one","arguments":"{}"}}]}""",
            ],
            ["one {}"]),
        ["nothing around name and arguments"] = (["""{"tool_calls":[{"id":"a","name":"one","arguments":{"a":1}}]}"""], ["""one {"a":1}"""]),
        ["one call rather than a list"] =
            (["""{"tool_calls":{"id":"a","type":"function","function":{"name":"one","arguments":"{}"}}}"""], ["one {}"]),
        ["id, then name, then arguments"] = (
            [
                """{"tool_calls":[{"index":0,"id":"a"}]}""",
                """{"tool_calls":[{"index":0,"function":{"name":"one"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""",
            ],
            ["one {}"]),
        ["no arguments at all"] = (["""{"tool_calls":[{"index":0,"id":"a","function":{"name":"one"}}]}"""], ["one {}"]),
        ["empty arguments"] =
            ([
                """{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":""}},{"index":1,"id":"b","function":{"name":"two","arguments":null}}]}""",
            ], ["one {}", "two {}"]),
        ["function_call without arguments"] = (["""{"function_call":{"name":"one"}}"""], ["one {}"]),
        ["function_call in pieces"] = (
            [
                """{"role":"assistant","content":null,"function_call":{"name":"one","arguments":""}}""",
                """{"function_call":{"arguments":"{\"a\":"}}""",
                """{"function_call":{"arguments":"1}"}}""",
            ],
            ["""one {"a":1}"""]),
        ["function_call whole, arguments as an object"] =
            (["""{"function_call":{"name":"one","arguments":{"a":1}}}"""], ["""one {"a":1}"""]),
        ["function_call with its name in each piece"] = (
            [
                """{"function_call":{"name":"one","arguments":"{\"a\":"}}""",
                """{"function_call":{"name":"one","arguments":"1}"}}""",
                """{"function_call":null}""",
            ],
            ["""one {"a":1}"""]),
        ["function_call beside tool_calls"] = (
            [
                """{"function_call":{"name":"one","arguments":"{\"a\":"},"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"one","arguments":"{\"a\":"}}]}""",
                """{"function_call":{"name":"one","arguments":"1}"},"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"one","arguments":"1}"}}]}""",
            ],
            ["""one {"a":1}"""]),
    };

    public static TheoryData<string> Names => [.. Forms.Keys];

    public static TheoryData<string> NamedAtOnce
        => [.. Forms.Where(form => form.Value.Deltas[0].Contains("name", StringComparison.Ordinal)).Select(form => form.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Stream_CallsInAnotherForm_AreTheCallsThatWereMeant(string form)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            Forms[form].Deltas.Aggregate(FakeReply.Stream(), (reply, delta) => reply.Delta(delta)).Finish("tool_calls").Usage().Done()));

        var calls = (await model.AskAsync()).Calls.Select(call => call.Split(' ', 2)).ToList();

        Assert.Equal(Forms[form].Calls, calls.Select(call => call[1]));
        Assert.Equal(calls.Count, calls.Select(call => call[0]).Where(id => id.Length > 0).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(NamedAtOnce))]
    public async Task Reply_CallsInAMessage_AreTheCallsThatWereMeant(string form)
    {
        var (deltas, expected) = Forms[form];
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().Chunk($$"""{"choices":[{"message":{{deltas[0]}},"finish_reason":"function_call"}]}""").Done()));

        var reply = await model.AskAsync();

        Assert.Equal(expected[0].Split(' ')[0], reply.Calls.First().Split(' ')[1]);
        Assert.Equal(ChatFinishReason.ToolCalls, reply.FinishReason);
    }

    [Fact]
    public async Task FunctionCall_GoesBackAsOne_WithItsResult()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream()
                .Delta("""{"content":"I look.","function_call":{"name":"look","arguments":"{\"x\":1}"}}""")
                .Finish("function_call")
                .Done(), FakeReply.Text("seen"), FakeReply.Text("seen")));
        var call = (await model.AskAsync()).Updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Single();

        await AskWithResultAsync(model, call);

        var messages = server.Requests[1].Body.GetProperty("messages").EnumerateArray().Skip(1).ToList();
        Assert.Equal(["assistant", "function"], messages.Select(message => message.GetProperty("role").GetString()!));
        Assert.Equal("look", messages[0].GetProperty("function_call").GetProperty("name").GetString());
        Assert.Contains("\"x\"", messages[0].GetProperty("function_call").GetProperty("arguments").GetString(), StringComparison.Ordinal);
        Assert.False(messages[0].TryGetProperty("tool_calls", out _));
        Assert.Equal(
            ("look", "nothing there"), (messages[1].GetProperty("name").GetString(), messages[1].GetProperty("content").GetString()));
        Assert.False(messages[1].TryGetProperty("tool_call_id", out _));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(422)]
    public async Task FunctionCall_ToAModelThatTakesNone_GoesInTodaysForm_FromThenOnAtOnce(int status)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        server.Otherwise = request => request.Body.GetRawText().Contains("\"function_call\"", StringComparison.Ordinal)
            ? FakeReply.Error(status, "no such role")
            : FakeReply.Text("seen");
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().Delta("""{"function_call":{"name":"look","arguments":"{}"}}""").Finish("function_call").Done()));
        var call = (await model.AskAsync()).Updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Single();

        await AskWithResultAsync(model, call);
        await AskWithResultAsync(model, call);

        Assert.Equal(
            [false, true, false, false],
            server.Requests.Select(request => request.Body.GetRawText().Contains("\"function_call\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ToolCalls_GoBackAsSuch()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Stream().ToolCall(0, "a", "look", "{}").Finish("tool_calls").Done(), FakeReply.Text("seen")));
        var call = (await model.AskAsync()).Updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().Single();

        await AskWithResultAsync(model, call);

        Assert.DoesNotContain("function_call", server.Requests[1].Body.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task AskWithResultAsync(WireModel model, FunctionCallContent call) => await model.Client.GetStreamingResponseAsync(
        [
            .. WireModel.Question, new(ChatRole.Assistant, [call]),
            new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "nothing there")]),
        ]).ToListAsync();
}
