using System.Text;

namespace AgentStream.Tests.Wire.Fake;

/// <summary>
/// What <see cref="FakeOpenAIServer"/> answers to one request: a head, and then exactly these bytes, gates and cuts, in this order.
/// </summary>
internal sealed class FakeReply
{
    private readonly List<FakeStep> _steps = [];

    public int Status { get; private init; } = 200;

    public string ContentType { get; private init; } = "text/event-stream";

    public Dictionary<string, string> Headers { get; } = [];

    public IReadOnlyList<FakeStep> Steps => _steps;

    /// <summary>A stream of events.</summary>
    public static FakeReply Stream() => new();

    /// <summary>A stream that says this, finishes and reports its usage, in the standard form.</summary>
    public static FakeReply Text(params string[] deltas) => Stream().Deltas(deltas).Finish().Usage().Done();

    /// <summary>A whole body.</summary>
    public static FakeReply Json(string body, int status = 200)
        => new FakeReply { Status = status, ContentType = "application/json" }.Bytes(body);

    /// <summary>A body of any kind.</summary>
    public static FakeReply Body(string contentType, string body, int status = 200)
        => new FakeReply { Status = status, ContentType = contentType }.Bytes(body);

    /// <summary>A refusal in OpenAI's form.</summary>
    public static FakeReply Error(int status, string message, string code = "some_code", string? retryAfter = null)
    {
        var reply = Json($$$"""{"error":{"message":"{{{message}}}","type":"some_type","code":"{{{code}}}"}}""", status);
        if (retryAfter is not null)
        {
            reply.Headers["Retry-After"] = retryAfter;
        }

        return reply;
    }

    /// <summary>A whole reply in the standard form.</summary>
    public static FakeReply Whole(string content) => Json(
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"fake","choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""");

    public FakeReply Deltas(params string[] texts)
        => texts.Aggregate(this, (reply, text) => reply.Delta($$"""{"content":{{Quoted(text)}}}"""));

    /// <summary>A chunk with this <c>delta</c>, in the standard form.</summary>
    public FakeReply Delta(string delta)
        => Chunk(
            $$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fake","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""");

    public FakeReply ToolCall(int index, string id, string name, string arguments = "") =>
        Delta(
            $$$"""{"tool_calls":[{"index":{{{index}}},"id":"{{{id}}}","type":"function","function":{"name":"{{{name}}}","arguments":{{{Quoted(arguments)}}}}}]}""");

    public FakeReply ToolArguments(int index, string arguments) =>
        Delta($$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":{{{Quoted(arguments)}}}}}]}""");

    public FakeReply Finish(string reason = "stop") =>
        Chunk(
            $$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fake","choices":[{"index":0,"delta":{},"finish_reason":"{{reason}}"}]}""");

    public FakeReply Usage(int input = 7, int output = 5) =>
        Chunk(
            $$$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"fake","choices":[],"usage":{"prompt_tokens":{{{input}}},"completion_tokens":{{{output}}},"total_tokens":{{{input + output}}}}}""");

    /// <summary>One event with this data, whatever it is.</summary>
    public FakeReply Chunk(string data) => Bytes($"data: {data}\n\n");

    public FakeReply Done() => Chunk("[DONE]");

    public FakeReply Bytes(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes that are sent, and flushed, as they are.</summary>
    public FakeReply Bytes(byte[] bytes) => With(new FakeStep.Send(bytes));

    /// <summary>Waits until the test opens the gate, or the client goes away.</summary>
    public FakeReply Wait(Task gate) => With(new FakeStep.Wait(gate));

    /// <summary>Tells the test that this point was reached.</summary>
    public FakeReply Signal(TaskCompletionSource signal) => With(new FakeStep.Signal(signal));

    /// <summary>Cuts the connection.</summary>
    public FakeReply Abort() => With(new FakeStep.Abort());

    /// <summary>All bytes of a reply without gates or cuts.</summary>
    public byte[] ToBytes() => [.. _steps.OfType<FakeStep.Send>().SelectMany(send => send.Bytes)];

    /// <summary>The same reply, its bytes sent in pieces that end at these positions.</summary>
    public FakeReply SplitAt(IEnumerable<int> positions)
    {
        var bytes = ToBytes();
        var split = new FakeReply { Status = Status, ContentType = ContentType };
        var start = 0;
        foreach (var position in positions.Where(one => one > 0 && one < bytes.Length).Order().Distinct().Append(bytes.Length))
        {
            split.Bytes(bytes[start..position]);
            start = position;
        }

        return split;
    }

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private FakeReply With(FakeStep step)
    {
        _steps.Add(step);
        return this;
    }
}
