using AgentStream.Tests.Wire.Fake;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>A model at a strict server, and how its protocol says things.</summary>
internal sealed class Dialect : IAsyncDisposable
{
    private readonly WireModel _model;
    private readonly bool _isAnthropic;

    private Dialect(StrictServer server, WireModel model, bool isAnthropic)
        => (Server, _model, _isAnthropic) = (server, model, isAnthropic);

    public StrictServer Server { get; }

    public IChatClient Client => _model.Client;

    public static async Task<Dialect> OpenAIAsync(Dictionary<string, string?>? settings = null)
    {
        var server = await StrictServer.StartAsync();
        return new Dialect(
            server, new WireModel(server.Fake, new(settings ?? []) { ["AgentStream:Models:openai:MaxRetries"] = "0" }), isAnthropic: false);
    }

    public static async Task<Dialect> AnthropicAsync()
    {
        var server = await StrictServer.StartAnthropicAsync();
        return new Dialect(
            server, WireModel.Anthropic(server.Fake, new() { ["AgentStream:Models:anthropic:MaxRetries"] = "0" }), isAnthropic: true);
    }

    public FakeReply Text(string text) => _isAnthropic ? AnthropicReply.Text(text) : FakeReply.Text(text);

    /// <summary>A reply with calls of the tool <c>look</c>.</summary>
    public FakeReply Calls(string text, params (string Id, string Arguments)[] calls) => Calls("look", text, calls);

    public FakeReply Calls(string tool, string text, params (string Id, string Arguments)[] calls) => _isAnthropic
        ? calls.Index().Aggregate(
            text.Length > 0 ? AnthropicReply.Stream().TextBlock(0, text) : AnthropicReply.Stream(),
            (reply, call) => reply.ToolUse(call.Index + 1, call.Item.Id, tool, call.Item.Arguments)).End("tool_use")
        : calls.Index().Aggregate(
            text.Length > 0 ? FakeReply.Stream().Deltas(text) : FakeReply.Stream(),
            (reply, call) => reply.ToolCall(call.Index, call.Item.Id, tool, call.Item.Arguments)).Finish("tool_calls").Usage().Done();

    /// <summary>Cut off by the model's own limit.</summary>
    public FakeReply TooLong(string text) => _isAnthropic
        ? AnthropicReply.Stream().TextBlock(0, text).End("max_tokens")
        : FakeReply.Stream().Deltas(text).Finish("length").Usage().Done();

    /// <summary>Cut off by the connection.</summary>
    public FakeReply Broken(string text) => _isAnthropic
        ? AnthropicReply.Stream().BlockStart(0, """{"type":"text","text":""}""").TextDelta(0, text).Abort()
        : FakeReply.Stream().Deltas(text).Abort();

    /// <summary>Whole, and says nothing.</summary>
    public FakeReply Nothing() => _isAnthropic ? AnthropicReply.Stream().End() : FakeReply.Stream().Finish().Usage().Done();

    /// <summary>Withheld by content rules.</summary>
    public FakeReply Filtered(string text) => _isAnthropic
        ? AnthropicReply.Stream().TextBlock(0, text).End("refusal")
        : FakeReply.Stream().Deltas(text).Finish("content_filter").Usage().Done();

    public FakeReply Error(int status, string text)
        => _isAnthropic ? AnthropicReply.Error(status, "invalid_request_error", text) : FakeReply.Error(status, text);

    public async ValueTask DisposeAsync()
    {
        _model.Dispose();
        await Server.DisposeAsync();
    }
}
