using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Brings the chunks of one reply into the standard form.
/// Apart from that form it has met: <c>message</c> instead of <c>delta</c>, <c>text</c>, <c>{"content":"..."}</c>, <c>"..."</c>,
/// Ollama's own lines (<c>{"message":{...},"done":true}</c>), contents in parts, missing ids and dates, other words for why it ended,
/// and usage repeated in every chunk.
/// </summary>
internal sealed class ReplyNormalizer : IReplyProtocol
{
    private static readonly WireEvent Done = new(null, "[DONE]"u8.ToArray());

    private readonly KeptFields _kept = new();
    private readonly RepeatedThoughts _repeated = new();
    private readonly ToolCallNormalizer _calls;
    private JsonObject? _usage;
    private string _id = "chatcmpl-unnamed";
    private string _model = "";
    private long _created;

    public ReplyNormalizer() => _calls = new ToolCallNormalizer(_kept);

    /// <inheritdoc/>
    public bool IsFinished { get; private set; }

    /// <inheritdoc/>
    public bool HasBegun { get; private set; }

    /// <inheritdoc/>
    public bool IsWhole { get; private set; }

    /// <summary>The standard form of a chunk; of a whole reply, one chunk for each word.</summary>
    /// <exception cref="WireException">It is neither an object nor text.</exception>
    public IEnumerable<WireEvent> Read(JsonNode chunk) => Chunks(chunk).Select(standard => WireEvent.Of(standard));

    /// <summary>What the model is to get back beside the standard fields, the last usage that was seen, as the standard form has it at the
    /// end, and the
    /// word that ends a stream.</summary>
    public IEnumerable<WireEvent> End()
    {
        if (_calls.Missing() is { Count: > 0 } missing)
        {
            yield return WireEvent.Of(Standard(new JsonObject { ["tool_calls"] = missing }, null));
        }

        if (_kept.ToJson() is { } kept)
        {
            yield return WireEvent.Of(Standard(new JsonObject { [KeptFields.Name] = kept }, null));
        }

        if (_usage is not null)
        {
            var chunk = Head("chat.completion.chunk");
            chunk["choices"] = new JsonArray();
            chunk["usage"] = _usage.DeepClone();
            yield return WireEvent.Of(chunk);
        }

        yield return Done;
    }

    /// <summary>The standard form of a reply that was not asked for as a stream.</summary>
    /// <exception cref="WireException">It is not a reply.</exception>
    public byte[] Whole(byte[] json)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(Whole(JsonNode.Parse(json) as JsonObject), WireJsonContext.Default.JsonObject);
        }
        catch (JsonException nonsense)
        {
            var isPage = json.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'<', ..];
            throw new WireException(isPage ? WireProblem.NotTheApi : WireProblem.Malformed, "The reply is not JSON.", nonsense);
        }
        catch (Exception nonsense) when (nonsense is InvalidOperationException or ArgumentException or FormatException)
        {
            throw new WireException(WireProblem.Malformed, "The reply makes no sense.", nonsense);
        }
    }

    private List<JsonObject> Chunks(JsonNode chunk)
    {
        if (chunk is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            HasBegun = true;
            return [Standard(new JsonObject { ["content"] = value.GetValue<string>() }, null)];
        }

        if (chunk is not JsonObject body)
        {
            throw new WireException(WireProblem.Malformed, "A chunk of the stream is neither an object nor text.");
        }

        ReadHead(body);
        return ReplyShape.Find(body) is { } choice ? Choice(choice) : [];
    }

    private JsonObject Whole(JsonObject? body)
    {
        if (ServerError.In(body) is { } error)
        {
            throw new WireException(WireProblem.ServerError, "The server reported an error.") { ServerError = error };
        }

        if (body is null || ReplyShape.Find(body) is not { } choice)
        {
            throw new WireException(WireProblem.Malformed, "The reply has no content.");
        }

        ReadHead(body);
        var message = Delta(choice);
        foreach (var call in (message["tool_calls"] as JsonArray ?? []).OfType<JsonObject>())
        {
            call["function"]!.AsObject().TryAdd("arguments", "{}");
        }

        message["role"] = "assistant";
        if (_kept.ToJson() is { } kept)
        {
            message[KeptFields.Name] = kept;
        }

        message.TryAdd("content", null);
        var reply = Head("chat.completion");
        reply["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = message,
            ["finish_reason"] = choice.FinishReason ?? (message.ContainsKey("tool_calls") ? "tool_calls" : "stop"),
        });
        reply["usage"] = _usage;
        return reply;
    }

    private List<JsonObject> Choice(ReplyShape choice)
    {
        HasBegun = true;
        IsWhole = choice.IsWhole;
        var delta = Delta(choice);
        List<JsonObject> chunks = [];
        if (choice.IsWhole)
        {
            chunks.AddRange(Pieces(delta, "reasoning_content"));
            chunks.AddRange(Pieces(delta, "content"));
        }

        // A whole message in mid-stream may be the last word or one of many: only its finish reason tells.
        IsFinished |= choice.FinishReason is not null;
        chunks.Add(Standard(delta, choice.FinishReason));
        return chunks;
    }

    private IEnumerable<JsonObject> Pieces(JsonObject delta, string property)
    {
        var text = JsonText.Of(delta[property]) ?? "";
        delta.Remove(property);
        return WordPieces.Of(text).Select(piece => Standard(new JsonObject { [property] = piece }, null));
    }

    private JsonObject Delta(ReplyShape choice)
    {
        var source = choice.Delta;
        if (choice.IsMessage)
        {
            _repeated.TakeOut(source);
            _kept.Add(source);
        }

        var delta = new JsonObject { ["role"] = "assistant" };
        if (JsonText.Reasoning(source) is { } reasoning)
        {
            delta["reasoning_content"] = reasoning;
        }

        // What a model refuses to do it says to the person, like any answer; the SDK's chat client would lose it.
        if (Joined(JsonText.Of(source["content"]), JsonText.Of(source["refusal"])) is { } content)
        {
            delta["content"] = content;
        }

        if (_calls.Normalize(source) is { Count: > 0 } calls)
        {
            delta["tool_calls"] = calls;
        }

        return delta;
    }

    private static string? Joined(string? content, string? refusal) => string.IsNullOrEmpty(refusal) ? content : content + refusal;

    private JsonObject Standard(JsonObject delta, string? finishReason)
    {
        var chunk = Head("chat.completion.chunk");
        chunk["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finishReason });
        return chunk;
    }

    private JsonObject Head(string type) => new() { ["id"] = _id, ["object"] = type, ["created"] = _created, ["model"] = _model };

    private void ReadHead(JsonObject body)
    {
        _id = JsonText.Plain(body["id"]) is { Length: > 0 } id ? id : _id;
        _model = JsonText.Plain(body["model"]) ?? _model;
        _created = JsonText.Number(body["created"]) ?? _created;
        _usage = UsageShape.Find(body) ?? _usage;
    }
}
