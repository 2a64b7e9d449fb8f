using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>Calls that stand in the text, since the server has no parser for what its model writes.</summary>
public sealed class WrittenCallsTests
{
    private const string Call = """<tool_call>{"name":"look","arguments":{"text":"a"}}</tool_call>""";

    private static readonly ChatOptions Tools = new()
    {
        Tools =
        [
            AIFunctionFactory.Create((string text, int depth) => $"{text}{depth}", "look", "Looks something up."),
            AIFunctionFactory.Create(() => "now", "what_time", "Tells the time."),
        ],
    };

    [Theory]
    [InlineData(Call, "", """look {"text":"a"}""")]
    [InlineData(
        "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"text\": \"a\", \"depth\": 2}}\n</tool_call>", "",
        """look {"text":"a","depth":2}""")]
    [InlineData("""<tool_call>{"name":"look","arguments":"{\"text\":\"a\"}"}</tool_call>""", "", """look {"text":"a"}""")]
    [InlineData("""<tool_call>{"name":"look","parameters":{"text":"a"}}</tool_call>""", "", """look {"text":"a"}""")]
    [InlineData(
        """<tool_call>{"type":"function","function":{"name":"look","arguments":{"text":"a"}}}</tool_call>""", "", """look {"text":"a"}""")]
    [InlineData("""<tool_call>{"arguments":{"text":"</tool_call>"},"name":"look"}</tool_call>""", "", """look {"text":"</tool_call>"}""")]
    [InlineData(Call + "\n" + Call + "\n", "", """look {"text":"a"}""", """look {"text":"a"}""")]
    [InlineData("I look.\n\n" + Call, "I look.\n\n", """look {"text":"a"}""")]
    [InlineData("\n\n" + Call, "", """look {"text":"a"}""")]
    [InlineData("One. " + Call + "\nTwo. " + Call, "One. Two. ", """look {"text":"a"}""", """look {"text":"a"}""")]
    [InlineData("""<tool_call>{"name":"look","arguments":{"text":"a"}}""", "", """look {"text":"a"}""")]
    [InlineData("""<tool_call>{"name":"what_time"}</tool_call>""", "", "what_time {}")]
    [InlineData(
        """<tool_call>[{"name":"look","arguments":{"text":"a"}},{"name":"what_time","arguments":{}}]</tool_call>""", "",
        """look {"text":"a"}""", "what_time {}")]
    [InlineData(
        "<tool_call>\n<function=look>\n<parameter=text>\na "
            + "\"b\"\n</parameter>\n<parameter=depth>\n2\n</parameter>\n</function>\n</tool_call>", "",
        """look {"text":"a \"b\"","depth":2}""")]
    [InlineData("<tool_call>\n<function=what_time>\n</function>\n</tool_call>", "", "what_time {}")]
    [InlineData(
        "<tool_call>look\n<arg_key>text</arg_key>\n<arg_value>3</arg_value>\n<arg_key>depth</arg_key>\n<arg_value>2</arg_value>\n</tool_call>",
        "", """look {"text":"3","depth":2}""")]
    [InlineData("""<function=look>{"text":"a"}</function>""", "", """look {"text":"a"}""")]
    [InlineData("""<|python_tag|>{"name": "look", "parameters": {"text": "a"}}""", "", """look {"text":"a"}""")]
    [InlineData("""{"name": "look", "parameters": {"text": "a"}}""", "", """look {"text":"a"}""")]
    [InlineData(
        """{"type": "function", "name": "look", "parameters": {"text": "a"}}; {"name": "what_time", "parameters": {}}""", "",
        """look {"text":"a"}""", "what_time {}")]
    [InlineData(
        """[TOOL_CALLS][{"name": "look", "arguments": {"text": "a"}}, {"name": "what_time", "arguments": {}}]""", "",
        """look {"text":"a"}""", "what_time {}")]
    [InlineData(
        """[TOOL_CALLS]look[ARGS]{"text": "a"}[TOOL_CALLS]what_time[CALL_ID]123456789[ARGS]{}""", "", """look {"text":"a"}""",
        "what_time {}")]
    [InlineData("""<|tool_call|>[{"name": "look", "arguments": {"text": "a"}}]<|/tool_call|>""", "", """look {"text":"a"}""")]
    [InlineData("""<|tool_call|>[{"name": "look", "arguments": {"text": "a"}}]""", "", """look {"text":"a"}""")]
    [InlineData("""<TOOLCALL>[{"name": "look", "arguments": {"text": "a"}}]</TOOLCALL>""", "", """look {"text":"a"}""")]
    [InlineData(
        """<|tool_calls_section_begin|><|tool_call_begin|>functions.look:0<|tool_call_argument_begin|>{"text":"a"}<|tool_call_end|><|tool_call_begin|>functions.what_time:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>""",
        "", """look {"text":"a"}""", "what_time {}")]
    [InlineData(
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>look\n```json\n{\"text\":\"a\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "", """look {"text":"a"}""")]
    [InlineData(
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>look<｜tool▁sep｜>{\"text\":\"世界😀\"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>what_time<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "", """look {"text":"世界\uD83D\uDE00"}""", "what_time {}")]
    [InlineData(
        "<minimax:tool_call>\n<invoke name=\"look\">\n<parameter name=\"text\">a</parameter>\n</invoke>\n<invoke "
            + "name=\"what_time\">\n</invoke>\n</minimax:tool_call>", "", """look {"text":"a"}""", "what_time {}")]
    public async Task Text_WithCallsOfAKnownForm_IsTheCalls_HoweverItIsCut(string written, string text, params string[] calls)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server) { Options = Tools };
        foreach (var deltas in Cuts(written))
        {
            server.Reply(FakeReply.Stream().Deltas(deltas).Finish().Usage().Done());

            var reply = await model.AskAsync();

            Assert.Equal(text, reply.Text);
            Assert.Equal(calls, reply.Calls.Select(call => call.Split(' ', 2)[1]));
            Assert.Equal(ChatFinishReason.ToolCalls, reply.FinishReason);
        }

        Assert.Empty(model.Logs.At(LogLevel.Warning));
    }

    [Theory]
    [InlineData("""<tool_call>{"name":"erase","arguments":{}}</tool_call> and on""", true)]
    [InlineData("<tool_call>Hm, {not JSON}</tool_call>", true)]
    [InlineData("<tool_call>" + """{"name":"look","arguments":{"text":"a" """, true)]
    [InlineData("""[TOOL_CALLS][{"name":"erase","arguments":{}}]""", true)]
    [InlineData("<|python_tag|>print(1)", true)]
    [InlineData("""<function=erase>{"x":1}</function>""", true)]
    [InlineData("Hermes writes `<tool_call>{\"name\":\"look\",\"arguments\":{}}</tool_call>`.", false)]
    [InlineData("```xml\n<tool_call>{\"name\":\"look\",\"arguments\":{}}</tool_call>\n```\nSo.", false)]
    [InlineData("""{"name": "Ann", "parameters": {}}""", false)]
    [InlineData("""{"name": "look", "size": 3}""", false)]
    [InlineData("""{"name": "look", "parameters": {"text": "a"}} is what I would call.""", false)]
    [InlineData("a <tool or <tool_calling> or [TOOL", false)]
    [InlineData("  Yes.\n", false)]
    public async Task Text_WithoutACallThatCanBeMade_StaysText_AndTheLogSaysWhatIsMissing(string written, bool isHinted)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server) { Options = Tools };
        foreach (var deltas in Cuts(written))
        {
            server.Reply(FakeReply.Stream().Deltas(deltas).Finish().Usage().Done());

            var reply = await model.AskAsync();

            Assert.Equal(written, reply.Text);
            Assert.Empty(reply.Calls);
            Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
        }

        Assert.Equal(isHinted, model.Logs.At(LogLevel.Warning).Any(line => line.Contains("--tool-call-parser", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Text_CutOffInACall_ShowsNothingOfIt()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Stream().Deltas("I look. ", "<tool_call>{\"name\":", "\"look\",\"argum").Finish("length").Done()))
        {
            Options = Tools,
        };

        var reply = await model.AskAsync();

        Assert.Equal("I look. ", reply.Text);
        Assert.Empty(reply.Calls);
        Assert.Equal(ChatFinishReason.Length, reply.FinishReason);
    }

    [Fact]
    public async Task Text_BeforeACall_IsShownAtOnce()
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Stream().Deltas("I look", " it up. ").Wait(gate.Task).Deltas(Call).Finish().Done()))
        { Options = Tools };

        var text = "";
        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            text += update.Text;
            if (text == "I look it up. ")
            {
                gate.TrySetResult();
            }
        }

        Assert.Equal("I look it up. ", text);
    }

    [Fact]
    public async Task Text_AfterAThought_HasItsCalls()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Text("<think>\nI could <tool_call>{}</tool_call>.\n</think>\n\n" + Call)))
        {
            Options = Tools,
        };

        var reply = await model.AskAsync();

        Assert.Equal(("I could <tool_call>{}</tool_call>.\n", ""), (reply.Thought, reply.Text));
        Assert.Single(reply.Calls);
    }

    [Fact]
    public async Task Text_OfAnAgentWithoutTools_StaysText()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Text(Call)));

        Assert.Equal(Call, (await model.AskAsync()).Text);
    }

    [Fact]
    public async Task Text_BesideTheServersOwnReadingOfIt_IsNotASecondCall()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().Deltas(Call).ToolCall(0, "a", "look", """{"text":"a"}""").Finish("tool_calls").Done()))
        { Options = Tools };

        var reply = await model.AskAsync();

        Assert.Equal(["""a look {"text":"a"}"""], reply.Calls);
        Assert.Equal("", reply.Text);
    }

    [Fact]
    public async Task Reply_ThatComesWhole_HasItsCalls()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Error(400, "stream is not supported"),
            FakeReply.Json(
                """{"choices":[{"message":{"role":"assistant","content":"<tool_call>{\"name\":\"look\",\"arguments\":{}}</tool_call>"},"finish_reason":"stop"}]}""")))
        {
            Options = Tools,
        };

        var reply = await model.AskAsync();

        Assert.Equal("look {}", Assert.Single(reply.Calls).Split(' ', 2)[1]);
        Assert.Equal(("", ChatFinishReason.ToolCalls), (reply.Text, reply.FinishReason));
    }

    [Fact]
    public async Task Run_WithAWrittenCall_MakesItAndAnswers()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Text("I look. ", "<tool_", "call>{\"name\":\"look\",", "\"arguments\":{\"text\":\"a\"}}</tool_call>"),
            FakeReply.Text("look did a")));
        var tools = new TestTools();
        var harness = new LoopHarness(model.Client, tools.Look());

        await harness.RunAsync();

        Assert.Equal(["look:a"], tools.Executed);
        Assert.Equal(("I look. ", "look did a"), (harness.Steps.First().Content, harness.Steps.Last().Content));
        Assert.DoesNotContain(harness.Steps, step => step.Content?.Contains("tool_call", StringComparison.Ordinal) == true);
        var sent = server.Requests[1].Body.GetProperty("messages")
            .EnumerateArray()
            .Single(message => message.GetProperty("role").GetString() == "assistant");
        Assert.Equal("look", sent.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
    }

    /// <summary>Whole, letter by letter, and in two at the worst places.</summary>
    private static IEnumerable<string[]> Cuts(string text) =>
    [
        [text],
        [.. text.EnumerateRunes().Select(letter => letter.ToString())],
        .. Enumerable.Range(1, text.Length - 1)
            .Where(at => !char.IsLowSurrogate(text[at]) && (!char.IsLetter(text[at]) || !char.IsLetter(text[at - 1])))
            .Select(at => new[] { text[..at], text[at..] }),
    ];
}
