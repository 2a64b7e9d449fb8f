using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models.Pipeline;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>
/// Servers that want a prompt in a form of their own say so by refusing it: they are asked again in that form, and from then on at once.
/// </summary>
public sealed class PromptFormTests : IAsyncLifetime
{
    private const string Call =
        """{"tool_calls":[{"index":0,"id":"call_0","type":"function","function":{"name":"look","arguments":"{\"text\":\"a\"}"}}]}""";

    private readonly TestTools _tools = new();
    private Dialect _model = null!;
    private Dialect _other = null!;

    private StrictServer Server => _model.Server;

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
    [InlineData("The `reasoning_content` in the thinking mode must be passed back to the API.", 400)]
    [InlineData("Missing `reasoning_content` field in the assistant message at message index 2.", 400)]
    [InlineData("thinking is enabled but reasoning_content is missing in assistant tool call message at index 2", 400)]
    public Task ServerThatWantsAThoughtInEachReply_GetsAnEmptyOneWhereAnotherModelMadeIt(string words, int status)
        => IsAskedAgainAsync(words, status, message => IsAssistant(message)
            && string.IsNullOrEmpty(Text(message, "reasoning_content")), onlyOthers: true);

    [Theory]
    [InlineData("Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.", 400)]
    [InlineData("Unable to submit request because function call `look` in the 2. content block is missing a `thought_signature`.", 400)]
    [InlineData("Provider API error: function call default_api:look in the 3. content block is missing a thought_signature", 400)]
    public Task ServerThatWantsASignatureInEachCall_GetsAPlaceholderWhereAnotherModelMadeIt(string words, int status)
        => IsAskedAgainAsync(words, status, message => Calls(message).Any(call
            => !call.TryGetProperty("extra_content", out _)), onlyOthers: true);

    [Theory]
    [InlineData("""{"reasoning":"hm"}""",
        "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning' is unsupported)]", 400)]
    [InlineData("""{"reasoning":"hm"}""", "messages[2].reasoning: reasoning is not supported with this model", 400)]
    [InlineData("""{"reasoning_content":"hm"}""", "Unknown parameter: 'messages[2].reasoning_content'.", 400)]
    [InlineData("""{"reasoning_content":"hm"}""", "body.messages.2.assistant.reasoning_content: Extra inputs are not permitted", 422)]
    [InlineData("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}""",
        "content part type 'thinking' is not supported", 400)]
    public Task ServerThatRefusesTheFieldsItSent_GetsThemNoMore(string delta, string words, int status)
        => IsAskedAgainAsync(words, status, message => IsAssistant(message) && message.GetRawText()
            .Contains("hm", StringComparison.Ordinal), delta);

    [Theory]
    [InlineData("Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of 9.", 400)]
    [InlineData("Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of 9", 500)]
    [InlineData("Tool call IDs should be alphanumeric strings with length 9!", 404)]
    [InlineData("Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 5.", 400)]
    public Task ServerThatRefusesTheIdsItGave_GetsShortOnes(string words, int status)
        => IsAskedAgainAsync(words, status, message => Calls(message).Any(call => !CallIds.IsShort(call.GetProperty("id").GetString()!)));

    [Theory]
    [InlineData("System role not supported", 400)]
    [InlineData("Developer instruction is not enabled for models/gemma-3-27b-it", 400)]
    [InlineData("Conversation roles must alternate user/assistant/user/assistant/...", 500)]
    [InlineData("Only user and assistant roles are supported!", 400)]
    public async Task ServerWithoutASystemRole_GetsTheInstructionsInTheFirstMessage(string words, int status)
    {
        await IsAskedAgainAsync(words, status, message => message.GetProperty("role").GetString() == "system");

        Assert.StartsWith("be good", Server.Requests[^1].GetProperty("messages")[0].GetProperty("content")
            .GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("messages.2.content: Field required", 422)]
    [InlineData("Invalid value for 'content': expected a string, got null.", 400)]
    [InlineData("content: none is not an allowed value", 422)]
    public Task ServerThatWantsAContent_GetsAnEmptyOne(string words, int status)
        => IsAskedAgainAsync(words, status, message => !message.TryGetProperty("content", out _));

    [Fact]
    public async Task RefusalOfSomethingElse_IsNotAnsweredWithAnotherRequest()
    {
        Server.Check = _ => "Unsupported value: 'temperature' does not support 0.3 with this model.";

        var run = await new WireSession().SayAsync(_model.Client, "one");

        Assert.Equal("model_refused", run.Finished!.ErrorCode);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task Claude_WhoseSignaturesAreNoMoreValid_GoesOnWithoutTheThoughts()
    {
        await using var claude = await Dialect.AnthropicAsync();
        claude.Server.Check = body => StrictPrompt.Anthropic(body)
            ?? (body.GetRawText().Contains("c2ln", StringComparison.Ordinal)
                ? "messages.1.content.0: Invalid `signature` in `thinking` block" : null);
        claude.Server.Script(AnthropicReply.Stream().Thinking(0, "c2ln", "hm").TextBlock(1, "fine").End(), claude.Text("fine"));
        var session = new WireSession();

        await session.SayAsync(claude.Client, "one");
        var next = await session.SayAsync(claude.Client, "two");

        Assert.Equal(RunStatus.Completed, next.Finished!.Status);
        Assert.Single(claude.Server.Refusals);
        Assert.True(claude.Server.Requests[^1].TryGetProperty("thinking", out _));
    }

    [Fact]
    public async Task ClaudesThought_GoesBackInLaterTurns_AndNotWhereItIsAskedNotToThink()
    {
        await using var claude = await Dialect.AnthropicAsync();
        claude.Server.Script(
            AnthropicReply.Stream().Thinking(0, "c2ln", "hm").ToolUse(1, "toolu_1", "look", """{"text":"a"}""").End("tool_use"),
            AnthropicReply.Stream().Thinking(0, "c2lo", "so").TextBlock(1, "fine").End());
        var session = new WireSession(_tools.Look());

        await session.SayAsync(claude.Client, "one");
        await session.SayAsync(claude.Client, "two");
        Assert.Equal(["hm", "so"], Thoughts());

        await session.SayAsync(claude.Client, "three", new WireMessage { Temperature = 0.5 });
        Assert.Empty(Thoughts());

        IEnumerable<string> Thoughts() => claude.Server.Requests[^1].GetProperty("messages").EnumerateArray()
            .SelectMany(message => message.GetProperty("content") is { ValueKind: JsonValueKind.Array } blocks ? blocks.EnumerateArray()
                : Enumerable.Empty<JsonElement>())
            .Where(block => block.GetProperty("type").GetString() == "thinking").Select(block => block.GetProperty("thinking")
                .GetString()!);
    }

    [Fact]
    public async Task ClaudeCompatibleServersThought_WithoutASignature_GoesBackToo()
    {
        await using var claude = await Dialect.AnthropicAsync();
        claude.Server.Script(
            AnthropicReply.Stream()
                .BlockStart(0, """{"type":"thinking","thinking":"","signature":""}""")
                .Event("content_block_delta",
                    """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}""").BlockStop(0)
                .ToolUse(1, "toolu_1", "look", """{"text":"a"}""").End("tool_use"),
            claude.Text("fine"));

        await new WireSession(_tools.Look()).SayAsync(claude.Client, "one");

        var block = claude.Server.Requests[^1].GetProperty("messages")[1].GetProperty("content")[0];
        Assert.Equal(("thinking", "hm", ""), (block.GetProperty("type").GetString(), block.GetProperty("thinking")
            .GetString(), block.GetProperty("signature").GetString()));
    }

    /// <summary>A session in which the server refuses some messages: it is asked twice, once, and no more.</summary>
    private async Task IsAskedAgainAsync(string words, int status, Func<JsonElement, bool> isRefused, string delta = "{}",
        bool onlyOthers = false)
    {
        Server.Status = status;
        Server.Check = body => body.GetProperty("messages").EnumerateArray().Any(isRefused) ? words : null;
        var session = new WireSession(_tools.Look());
        (onlyOthers ? _other : _model).Server.Script(FakeReply.Stream().Delta(delta).Delta(Call).Finish("tool_calls").Done());

        var first = await session.SayAsync(onlyOthers ? _other.Client : _model.Client, "one");
        var second = await session.SayAsync(_model.Client, "two");
        var third = await session.SayAsync(_model.Client, "three");

        Assert.All([first, second, third], run => Assert.Equal((RunStatus.Completed, "answer"), (run.Finished!.Status, run.Steps.Last()
            .Content)));
        Assert.Equal([words], Server.Refusals);
    }

    private static bool IsAssistant(JsonElement message) => message.GetProperty("role").GetString() == "assistant";

    private static IEnumerable<JsonElement> Calls(JsonElement message) => message.TryGetProperty("tool_calls", out var calls)
        ? calls.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static string? Text(JsonElement message, string field) => message.TryGetProperty(field, out var text) ? text.GetString() : null;
}
