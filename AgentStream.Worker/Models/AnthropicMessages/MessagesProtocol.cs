using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>
/// Brings one reply of a server that speaks Anthropic's protocol into the form that the SDK reads.
/// Apart from that form gateways send: no <c>event:</c> lines, no <c>usage</c> or no ids, a block's text or a tool's input in
/// <c>content_block_start</c>, no <c>message_stop</c>, and a whole message in answer to a request for a stream.
/// </summary>
internal sealed class MessagesProtocol : IReplyProtocol
{
    private static readonly (string Name, string Value)[] Defaults =
        [("id", "msg_unnamed"), ("type", "message"), ("role", "assistant"), ("model", "")];

    // Blocks that have begun and not ended, each with the input that came with its beginning.
    private readonly SortedDictionary<long, JsonObject?> _open = [];
    private readonly HashSet<string> _callIds = new(StringComparer.Ordinal);
    private long _latest = -1;
    private bool _hasStarted;
    private bool _isStopped;

    /// <inheritdoc/>
    public bool HasBegun => _hasStarted;

    /// <summary>It was said why the reply ended: nothing of it can follow.</summary>
    public bool IsFinished { get; private set; }

    /// <inheritdoc/>
    public bool IsWhole => _isStopped;

    /// <inheritdoc/>
    public IEnumerable<WireEvent> Read(JsonNode chunk)
    {
        if (chunk is not JsonObject body)
        {
            throw new WireException(WireProblem.Malformed, "A chunk of the stream is no object.");
        }

        List<WireEvent> events = JsonText.Plain(body["type"]) switch
        {
            "message" => Message(body),
            "message_start" => Start(body["message"] as JsonObject ?? []),
            "content_block_start" => BeginBlock(JsonText.Number(body["index"]) ?? _latest + 1, body["content_block"] as JsonObject ?? []),
            "content_block_delta" => Delta(JsonText.Number(body["index"]) ?? _latest, body["delta"] as JsonObject ?? []),
            "content_block_stop" => EndBlock(JsonText.Number(body["index"]) ?? _latest),
            "message_delta" => MessageDelta(body),
            "message_stop" => Stop(),
            "ping" => [Event("ping", [])],
            // New kinds may come at any time; nobody here would know what they say.
            _ => [],
        };
        return events;
    }

    /// <summary>The part that is missing at the end of a reply whose reason was given.</summary>
    public IEnumerable<WireEvent> End() => _isStopped ? [] : Stop();

    /// <summary>Fills in what the SDK can't do without.</summary>
    public static JsonObject Standard(JsonObject message)
    {
        var standard = message.DeepClone().AsObject();
        foreach (var (name, value) in Defaults)
        {
            standard[name] = JsonText.Plain(standard[name]) ?? value;
        }

        standard["content"] = standard["content"] is JsonArray content ? content.DeepClone() : new JsonArray();
        standard.TryAdd("stop_reason", null);
        standard.TryAdd("stop_sequence", null);
        var usage = standard["usage"] is JsonObject given ? given.DeepClone().AsObject() : [];
        foreach (var name in (ReadOnlySpan<string>)["input_tokens", "output_tokens"])
        {
            usage[name] = JsonText.Number(usage[name]) ?? 0;
        }

        standard["usage"] = usage;
        foreach (var block in standard["content"]!.AsArray().OfType<JsonObject>())
        {
            if (JsonText.Plain(block["type"]) == "tool_use")
            {
                Identify(block);
            }
        }

        return standard;
    }

    private List<WireEvent> Message(JsonObject message)
    {
        var whole = Standard(message);
        List<WireEvent> events = [.. Start(whole)];
        foreach (var block in whole["content"]!.AsArray().OfType<JsonObject>())
        {
            events.AddRange([.. BeginBlock(_latest + 1, block), .. EndBlock(_latest)]);
        }

        events.AddRange(MessageDelta(new JsonObject
        {
            ["delta"] = new JsonObject { ["stop_reason"] = JsonText.Plain(whole["stop_reason"]) ?? "end_turn" },
            ["usage"] = whole["usage"]!.DeepClone(),
        }));
        return [.. events, .. Stop()];
    }

    private List<WireEvent> Start(JsonObject message)
    {
        _hasStarted = true;
        var start = Standard(message);
        start["content"] = new JsonArray();
        start["stop_reason"] = null;
        return [Event("message_start", new JsonObject { ["message"] = start })];
    }

    private List<WireEvent> BeginBlock(long index, JsonObject block)
    {
        List<WireEvent> events = [];
        if (!_hasStarted)
        {
            events.AddRange(Start([]));
        }

        _latest = index;
        var standard = block.DeepClone().AsObject();
        var type = JsonText.Plain(block["type"]) ?? "text";
        standard["type"] = type;
        var (text, input) = ("", (JsonObject?)null);
        switch (type)
        {
            case "text" or "thinking":
                // The words come as a delta, as in the standard form.
                text = JsonText.Plain(block[type]) ?? "";
                standard[type] = "";
                if (type == "thinking")
                {
                    standard["signature"] = JsonText.Plain(block["signature"]) ?? "";
                }

                break;
            case "tool_use":
                Identify(standard);
                if (!_callIds.Add(JsonText.Plain(standard["id"])!))
                {
                    // Two calls with one id could not be told apart by their results.
                    standard["id"] = NewId();
                }

                input = block["input"] is JsonObject { Count: > 0 } given ? given : null;
                standard["input"] = new JsonObject();
                break;
            default:
                break;
        }

        _open[index] = input;
        events.Add(Event("content_block_start", new JsonObject { ["index"] = index, ["content_block"] = standard }));
        if (text.Length > 0)
        {
            events.AddRange(Delta(index, new JsonObject { ["type"] = $"{type}_delta", [type] = text }));
        }

        return events;
    }

    private List<WireEvent> Delta(long index, JsonObject delta)
    {
        List<WireEvent> events = [];
        if (!_open.ContainsKey(index))
        {
            // Text without a block around it.
            var type = JsonText.Plain(delta["type"]) == "thinking_delta" ? "thinking" : "text";
            events.AddRange(BeginBlock(Math.Max(0, index), new JsonObject { ["type"] = type }));
        }

        if (JsonText.Plain(delta["type"]) == "input_json_delta" && JsonText.Plain(delta["partial_json"]) is { Length: > 0 })
        {
            // The input comes after all.
            _open[index] = null;
        }

        return [.. events, DeltaEvent(_open.ContainsKey(index) ? index : _latest, delta)];
    }

    private List<WireEvent> EndBlock(long index)
    {
        if (!_open.Remove(index, out var input))
        {
            return [];
        }

        List<WireEvent> events = [];
        if (input is not null)
        {
            events.Add(DeltaEvent(index, new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = input.ToJsonString() }));
        }

        return [.. events, Event("content_block_stop", new JsonObject { ["index"] = index })];
    }

    private List<WireEvent> MessageDelta(JsonObject body)
    {
        var delta = body["delta"] as JsonObject ?? [];
        IsFinished |= JsonText.Plain(delta["stop_reason"]) is { Length: > 0 };
        var usage = body["usage"] is JsonObject given ? given.DeepClone().AsObject() : [];
        usage["output_tokens"] = JsonText.Number(usage["output_tokens"]) ?? 0;
        var standard = delta.DeepClone().AsObject();
        standard.TryAdd("stop_reason", null);
        standard.TryAdd("stop_sequence", null);
        return [.. IsFinished ? EndBlocks() : [], Event("message_delta", new JsonObject { ["delta"] = standard, ["usage"] = usage })];
    }

    private List<WireEvent> Stop()
    {
        var blocks = EndBlocks();
        _isStopped = IsFinished = true;
        return [.. blocks, Event("message_stop", [])];
    }

    private List<WireEvent> EndBlocks() => [.. _open.Keys.ToList().SelectMany(EndBlock)];

    private static WireEvent DeltaEvent(long index, JsonObject delta) =>
        Event("content_block_delta", new JsonObject { ["index"] = index, ["delta"] = delta.DeepClone() });

    private static WireEvent Event(string type, JsonObject data)
    {
        data["type"] = type;
        return WireEvent.Of(data, type);
    }

    private static void Identify(JsonObject call) => call["id"] = JsonText.Plain(call["id"]) is { Length: > 0 } id ? id : NewId();

    private static string NewId() => $"toolu_{Guid.NewGuid():N}";
}
