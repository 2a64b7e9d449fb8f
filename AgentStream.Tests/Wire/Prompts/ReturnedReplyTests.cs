using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Running.Checkpoints;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>
/// A model gets back of its own replies what its server sent, in the same run, after a lost worker and in later turns; another model gets
/// nothing of it.
/// </summary>
public sealed class ReturnedReplyTests : IAsyncLifetime
{
    private const string Arguments = """{"text":"a"}""";

    private readonly TestTools _tools = new();
    private Dialect _model = null!;
    private Dialect _other = null!;

    public static TheoryData<string, string[], string> Replies => new()
    {
        // DeepSeek, Kimi, GLM, Qwen, vLLM
        { "reasoning_content", ["""{"reasoning_content":"I need "}""", """{"reasoning_content":"the calculator."}"""],
            """{"reasoning_content":"I need the calculator."}""" },
        // Ollama, Groq, the newer vLLM
        { "reasoning", ["""{"reasoning":"I "}""", """{"reasoning":"need "}""", """{"reasoning":"it."}"""],
            """{"reasoning":"I need it."}""" },
        // Claude by way of OpenRouter: the pieces of one block have one index, and its signature comes last, without a text.
        {
            "reasoning_details",
            [

                    """{"reasoning":"Let","reasoning_details":[{"type":"reasoning.text","text":"Let","format":"anthropic-claude-v1","index":0}]}""",

                    """{"reasoning":" me","reasoning_details":[{"type":"reasoning.text","text":" me","format":"anthropic-claude-v1","index":0}]}""",
                """{"reasoning_details":[{"type":"reasoning.text","signature":"Et8B","format":"anthropic-claude-v1","index":0}]}""",
            ],

                """{"reasoning":"Let me","reasoning_details":[{"type":"reasoning.text","text":"Let me","format":"anthropic-claude-v1","index":0,"signature":"Et8B"}]}"""
        },
        // Others by way of OpenRouter: a summary and what is encrypted are two, though the index is the same.
        {
            "reasoning_details",
            [
                """{"reasoning_details":[{"type":"reasoning.summary","summary":"I ","id":"rs_1","index":0}]}""",

                    """{"reasoning_details":[{"type":"reasoning.summary","summary":"look.","id":"rs_1","index":0},{"type":"reasoning.encrypted","data":"abc","id":"rs_1","index":0}]}""",
            ],

                """{"reasoning_details":[{"type":"reasoning.summary","summary":"I look.","id":"rs_1","index":0},{"type":"reasoning.encrypted","data":"abc","id":"rs_1","index":0}]}"""
        },
        // MiniMax
        {
            "reasoning_details",
            ["""{"reasoning_details":[{"type":"reasoning.text","text":"I "}]}""",
                """{"reasoning_details":[{"type":"reasoning.text","text":"look."}]}"""],
            """{"reasoning_details":[{"type":"reasoning.text","text":"I look."}]}"""
        },
        // MiniMax with reasoning_split: as its documentation has it, and as its server was seen to send it.
        {
            "reasoning_details",
            ["""{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I "}]}""",
                """{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I look"}]}""",
                """{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I look."}]}"""],
            """{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I look."}]}"""
        },
        {
            "reasoning_details",
            ["""{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I "}]}""",
                """{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"look, "}]}""",
                """{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I do."}]}"""],
            """{"reasoning_details":[{"type":"reasoning.text","format":"MiniMax-response-v1","index":0,"text":"I look, I do."}]}"""
        },
        // LiteLLM
        {
            "thinking_blocks",
            ["""{"thinking_blocks":[{"type":"thinking","thinking":"I look.","signature":"c2ln"}],"provider_specific_fields":{"x":[1]}}""",
                """{"provider_specific_fields":{"x":[2],"y":null}}"""],
            """{"thinking_blocks":[{"type":"thinking","thinking":"I look.","signature":"c2ln"}],"provider_specific_fields":{"x":[1,2]}}"""
        },
    };

    public async Task InitializeAsync()
    {
        _model = await Dialect.OpenAIAsync();
        _other = await Dialect.OpenAIAsync(new() { ["MODEL_NAME"] = "other" });
    }

    public async Task DisposeAsync()
    {
        await _model.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public async Task FieldsOfAReply_GoBackInLaterRequestsAndTurns_ToThatModelAlone(string field, string[] deltas, string expected)
    {
        foreach (var loseAfter in new int?[] { null, 2, 4, 6 })
        {
            var session = new WireSession(_tools.Look());
            _model.Server.Always = request => request.GetProperty("messages").EnumerateArray().Last().GetProperty("content")
                .GetString() == "one" ? Calling(deltas) : Answering(deltas);

            var first = await session.SayAsync(_model.Client, "one", new WireMessage { LoseAfter = loseAfter });
            AssertFields(expected, Assistants(_model)[0]);

            await session.SayAsync(_other.Client, "two");
            Assert.All(Assistants(_other), message => Assert.False(message.ContainsKey(field)));

            await session.SayAsync(_model.Client, "three");
            AssertFields(expected, Assistants(_model)[0]);
            AssertFields(expected, Assistants(_model)[1]);
            Assert.False(Assistants(_model)[2].ContainsKey(field));
            Assert.Equal(RunStatus.Completed, first.Finished!.Status);
            Assert.Empty(_model.Server.Refusals);
        }
    }

    [Fact]
    public async Task FieldsOfCalls_GoBackWithTheCallsWhoseTheyAre()
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Check = body => StrictPrompt.OpenAI(body) ?? MissingSignature(body);
        _model.Server.Script(
            FakeReply.Stream()
                .Delta(
                    $$$$"""{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":{{{{Quoted(Arguments)}}}}},"extra_content":{"google":{"thought_signature":"sig+/="}}}]}""")
                .Delta(
                    $$$$"""{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"look","arguments":{{{{Quoted(Arguments)}}}},"provider_specific_fields":{"x":1}}}]}""")
                .Finish("tool_calls").Done(),
            _model.Text("fine"));

        await session.SayAsync(_model.Client, "one");
        await session.SayAsync(_model.Client, "two");
        await session.SayAsync(_other.Client, "three");

        Assert.Empty(_model.Server.Refusals);
        var calls = Assistants(_model)[0]["tool_calls"]!.AsArray();
        Assert.Equal("""{"google":{"thought_signature":"sig+/="}}""", calls[0]!["extra_content"]!.ToJsonString(Relaxed));
        Assert.Null(calls[1]!["extra_content"]);
        Assert.Equal("""{"x":1}""", calls[1]!["function"]!["provider_specific_fields"]!.ToJsonString());
        Assert.DoesNotContain("sig", _other.Server.Requests[^1].GetRawText(), StringComparison.Ordinal);

        static string? MissingSignature(JsonElement body) => body.GetProperty("messages").EnumerateArray().Any(message =>
                message.TryGetProperty("tool_calls", out var calls) && !calls[0].TryGetProperty("extra_content", out _))
            ? "Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly."
            : null;
    }

    [Fact]
    public async Task ThoughtsAmongTheParts_GoBackAsParts()
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(
            FakeReply.Stream()
                .Delta("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"I "}]}]}""")
                .Delta("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"look."}]}]}""")
                .Delta("""{"content":"So: "}""").ToolCall(0, "abcdefghi", "look", Arguments).Finish("tool_calls").Done(),
            _model.Text("fine"));

        await session.SayAsync(_model.Client, "one");
        await session.SayAsync(_other.Client, "two");

        Assert.Equal(
            """[{"type":"thinking","thinking":[{"type":"text","text":"I look."}]},{"type":"text","text":"So: "}]""",
            Assistants(_model)[0]["content"]!.ToJsonString());
        Assert.Equal("So: ", Assistants(_other)[0]["content"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("<think>\nI look.\n</think>\n\n", "So: ")]
    [InlineData("<think>I look.</think>", "")]
    public async Task ThoughtInTags_GoesBackAsItWasWritten(string thought, string text)
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(
            FakeReply.Stream().Deltas(thought[..5], thought[5..] + text).ToolCall(0, "c1", "look", Arguments).Finish("tool_calls").Done(),
            FakeReply.Text("<think>hm</think>", "fine"));

        var first = await session.SayAsync(_model.Client, "one");
        await session.SayAsync(_model.Client, "two");
        await session.SayAsync(_other.Client, "three");

        Assert.Equal([thought + text, "<think>hm</think>fine"], Assistants(_model).Select(message
            => message["content"]!.GetValue<string>()));
        Assert.Equal("fine", Assistants(_other)[1]["content"]!.GetValue<string>());
        Assert.Equal("fine", first.Steps.Last().Content);
    }

    [Fact]
    public async Task WholeReply_GoesBackWithItsFieldsToo()
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(
            FakeReply.Json(
                $$$$"""{"choices":[{"message":{"role":"assistant","content":null,"reasoning_content":"I look.","tool_calls":[{"id":"a","type":"function","function":{"name":"look","arguments":{{{{Quoted(Arguments)}}}}},"extra_content":{"x":1}}]},"finish_reason":"tool_calls"}]}"""),
            _model.Text("fine"));

        await session.SayAsync(_model.Client, "one");

        AssertFields("""{"reasoning_content":"I look."}""", Assistants(_model)[0]);
        Assert.Equal("""{"x":1}""", Assistants(_model)[0]["tool_calls"]![0]!["extra_content"]!.ToJsonString());
    }

    [Fact]
    public async Task Fallback_InMidRun_GetsNothingOfTheFirstModelsFieldsAndItsOwn()
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(Calling("""{"reasoning_content":"first"}"""), _model.Error(401, "no key"));
        _other.Server.Script(Calling("""{"reasoning_content":"second"}"""), _other.Text("fine"));
        using var both = new FallbackChatClient(
            new ResolvedModel(_model.Client, "one", "fake", "one"), new ResolvedModel(_other.Client, "two", "other", "two"),
                NullLogger.Instance);

        var run = await session.SayAsync(both, "one");
        await session.SayAsync(_model.Client, "two");

        Assert.Equal((RunStatus.Completed, "fine"), (run.Finished!.Status, run.Steps.Last().Content));
        Assert.Equal([null, "second"], Assistants(_other).Select(message => message["reasoning_content"]?.GetValue<string>()));
        Assert.Equal(["first", null, null], Assistants(_model).Select(message => message["reasoning_content"]?.GetValue<string>()));
    }

    [Fact]
    public async Task MoreThanIsKept_IsNotKeptAtAll()
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(Calling($$"""{"reasoning_content":"{{new string('x', 100_000)}}"}""",
            $$"""{"reasoning_content":"{{new string('y', 100_000)}}"}"""), _model.Text("fine"));

        var run = await session.SayAsync(_model.Client, "one");

        Assert.Equal(RunStatus.Completed, run.Finished!.Status);
        Assert.False(Assistants(_model)[0].ContainsKey("reasoning_content"));
        Assert.DoesNotContain(run.Records, record => record.Length > 10_000);
    }

    [Fact]
    public async Task FieldsInABodyWithoutAMessage_AreNotOfTheReply()
    {
        var session = new WireSession();
        _model.Server.Script(FakeReply.Stream().Chunk("""{"content":"fine","slot":7,"model":"m"}""")
            .Chunk("""{"content":"","done":true,"timings":{"a":1}}""").Done());

        await session.SayAsync(_model.Client, "one");
        await session.SayAsync(_model.Client, "two");

        Assert.Equal(["role", "content"], Assistants(_model)[0].Select(field => field.Key));
    }

    [Fact]
    public void RecordOfAnEarlierVersion_IsRead()
    {
        var old =
            """{"kind":"reply","iteration":1,"text":"","calls":[{"id":"r1-call-1-0","model_id":"c1","name":"look","arguments":"{}"}],"cut_off":false,"characters":9,"thoughts":[{"origin":"anthropic/m","data":"{}","position":0}]}""";

        var reply = Assert.IsType<ReplyRecorded>(RunRecord.FromBytes(System.Text.Encoding.UTF8.GetBytes(old)));

        Assert.Null(reply.Origin);
        Assert.Equal("anthropic/m", Assert.Single(reply.Thoughts!).Origin);
    }

    [Fact]
    public async Task WhatAnotherVersionKept_IsLeftOutAndNoReasonToFail()
    {
        await _model.Client.GetStreamingResponseAsync(
        [
            .. WireModel.Question,
            new(ChatRole.Assistant, [OpaqueThought.Create("openai/fake", "not JSON"), OpaqueThought.Create("openai/fake", "[1]"),
                new TextContent("text")]),
            new(ChatRole.User, "and?"),
        ]).ToListAsync();

        Assert.Equal(["role", "content"], Assistants(_model)[0].Select(field => field.Key));
    }

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static FakeReply Calling(params string[] deltas) =>
        deltas.Aggregate(FakeReply.Stream(), (reply, delta) => reply.Delta(delta)).ToolCall(0, "call_1", "look", Arguments)
            .Finish("tool_calls").Usage().Done();

    private static FakeReply Answering(params string[] deltas) => deltas.Aggregate(FakeReply.Stream(), (reply, delta) => reply.Delta(delta))
        .Deltas("answer").Finish().Usage().Done();

    private static void AssertFields(string expected, JsonObject message)
    {
        foreach (var field in JsonNode.Parse(expected)!.AsObject())
        {
            Assert.True(JsonNode.DeepEquals(field.Value, message[field.Key]), $"{field.Key}: {message[field.Key]?.ToJsonString()}");
        }
    }

    private static List<JsonObject> Assistants(Dialect model) => [.. model.Server.Requests[^1].GetProperty("messages").EnumerateArray()
        .Where(message => message.GetProperty("role").GetString() == "assistant").Select(message
            => JsonNode.Parse(message.GetRawText())!.AsObject())];

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
