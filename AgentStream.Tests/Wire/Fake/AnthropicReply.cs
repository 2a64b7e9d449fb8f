using System.Text.Json;

namespace AgentStream.Tests.Wire.Fake;

/// <summary>Answers in the form of Anthropic's messages API, event by event.</summary>
internal static class AnthropicReply
{
    /// <summary>A stream that says this in one block of text and ends.</summary>
    public static FakeReply Text(params string[] deltas) => Stream().TextBlock(0, deltas).End();

    /// <summary>A stream with its first event.</summary>
    public static FakeReply Stream(int input = 25, int cacheRead = 0, int cacheWritten = 0) => FakeReply.Stream().Event(
        "message_start",
        $$$$"""{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-fake","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":{{{{input}}}},"cache_read_input_tokens":{{{{cacheRead}}}},"cache_creation_input_tokens":{{{{cacheWritten}}}},"output_tokens":1}}}""");

    /// <summary>A whole reply.</summary>
    public static FakeReply Whole(string content, string stopReason = "end_turn") => FakeReply.Json(
        $$$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude-fake","content":{{{content}}},"stop_reason":"{{{stopReason}}}","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":5}}""");

    public static FakeReply Error(int status, string type, string message, string? retryAfter = null)
    {
        var reply = FakeReply.Json($$$"""{"type":"error","error":{"type":"{{{type}}}","message":"{{{message}}}"}}""", status);
        if (retryAfter is not null)
        {
            reply.Headers["retry-after"] = retryAfter;
        }

        return reply;
    }

    public static FakeReply Event(this FakeReply reply, string name, string data) => reply.Bytes($"event: {name}\ndata: {data}\n\n");

    public static FakeReply Ping(this FakeReply reply) => reply.Event("ping", """{"type":"ping"}""");

    public static FakeReply TextBlock(this FakeReply reply, int index, params string[] deltas) =>
        deltas.Aggregate(reply.BlockStart(index, """{"type":"text","text":""}"""), (so, text) => so.TextDelta(index, text))
            .BlockStop(index);

    public static FakeReply Thinking(this FakeReply reply, int index, string signature, params string[] deltas) => deltas
        .Aggregate(
            reply.BlockStart(index, """{"type":"thinking","thinking":"","signature":""}"""),
            (so, text) => so.Delta(index, $$"""{"type":"thinking_delta","thinking":{{Quoted(text)}}}"""))
        .Delta(index, $$"""{"type":"signature_delta","signature":{{Quoted(signature)}}}""")
        .BlockStop(index);

    public static FakeReply Redacted(this FakeReply reply, int index, string data) =>
        reply.BlockStart(index, $$"""{"type":"redacted_thinking","data":{{Quoted(data)}}}""").BlockStop(index);

    public static FakeReply ToolUse(this FakeReply reply, int index, string id, string name, params string[] arguments) => arguments
        .Aggregate(
            reply.BlockStart(index, $$$"""{"type":"tool_use","id":"{{{id}}}","name":"{{{name}}}","input":{}}"""),
            (so, part) => so.InputDelta(index, part))
        .BlockStop(index);

    public static FakeReply TextDelta(this FakeReply reply, int index, string text)
        => reply.Delta(index, $$"""{"type":"text_delta","text":{{Quoted(text)}}}""");

    public static FakeReply InputDelta(this FakeReply reply, int index, string part)
        => reply.Delta(index, $$"""{"type":"input_json_delta","partial_json":{{Quoted(part)}}}""");

    public static FakeReply BlockStart(this FakeReply reply, int index, string block) =>
        reply.Event("content_block_start", $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}}}""");

    public static FakeReply BlockStop(this FakeReply reply, int index)
        => reply.Event("content_block_stop", $$"""{"type":"content_block_stop","index":{{index}}}""");

    /// <summary>The last two events.</summary>
    public static FakeReply End(this FakeReply reply, string stopReason = "end_turn", string usage = """{"output_tokens":15}""") => reply
        .Event(
            "message_delta",
            $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{stopReason}}}","stop_sequence":null},"usage":{{{usage}}}}""")
        .Event("message_stop", """{"type":"message_stop"}""");

    private static FakeReply Delta(this FakeReply reply, int index, string delta) =>
        reply.Event("content_block_delta", $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}}}""");

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
