using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// What a server sent beside the standard fields of a reply and of its calls, put together from the pieces of a stream: its model wants it
/// back (<see cref="ReturnedReply"/>).
/// <code>
/// {"reasoning_content":"I need the calculator."}                                                     DeepSeek, Kimi, GLM, Qwen, vLLM
/// {"reasoning_details":[{"type":"reasoning.text","index":0,"text":"I need","signature":"..."}]}      OpenRouter, MiniMax
/// {"tool_calls":[{"index":0,...,"extra_content":{"google":{"thought_signature":"..."}}}]}             Gemini
/// {"content":[{"type":"thinking","thinking":[{"type":"text","text":"I need"}]}]}                     Mistral
/// </code>
/// </summary>
internal sealed class KeptFields
{
    /// <summary>Its field in a message of our own standard form.</summary>
    public const string Name = "agentstream_kept";

    /// <summary>More than this is not kept, nor a part of it: half a thought is none, and a signature does not fit it.</summary>
    public const int MaxLength = 128 * 1024;

    private static readonly HashSet<string> OfMessage = ["role", "content", "refusal", "tool_calls", "function_call", "audio",
        "annotations", "name", "images"];
    private static readonly HashSet<string> OfCall = ["index", "id", "type", "function", "name", "arguments"];
    private static readonly HashSet<string> OfFunction = ["id", "name", "arguments"];

    // The same in each piece; every other text is continued by the next piece.
    private static readonly HashSet<string> Constant = ["type", "id", "index", "format", "name", "role", "object", "status", "model",
        "provider"];

    private readonly JsonObject _message = [];
    private readonly SortedDictionary<int, JsonObject> _calls = [];
    private readonly JsonArray _parts = [];

    // Texts that grow piece by piece, and where each belongs.
    private readonly Dictionary<(JsonObject Owner, string Name), StringBuilder> _texts = [];
    private int _length;

    /// <summary>A message, or a piece of one.</summary>
    public void Add(JsonObject message)
    {
        Add(_message, message, OfMessage);
        if (message["content"] is JsonArray parts)
        {
            // The text is kept as that; thoughts beside it are not.
            JsonArray thoughts = [.. parts.OfType<JsonObject>().Where(part => JsonText.Plain(part["type"]) == "thinking").Select(part
                => part.DeepClone())];
            if (thoughts.Count > 0 && HasRoomFor(thoughts))
            {
                MergeItems(_parts, thoughts);
            }
        }
    }

    /// <summary>A call, or a piece of one.</summary>
    /// <param name="index">Its place among the calls of the reply.</param>
    /// <param name="call">The piece as it came.</param>
    public void AddCall(int index, JsonObject call)
    {
        if (!_calls.TryGetValue(index, out var kept))
        {
            _calls[index] = kept = [];
        }

        Add(kept, call, OfCall);
        if (call["function"] is JsonObject function && function.Any(field => IsKept(field, OfFunction)))
        {
            Add((JsonObject)(kept["function"] ??= new JsonObject()), function, OfFunction);
        }
    }

    /// <summary>All of it; <c>null</c>: there is nothing, or too much.</summary>
    public JsonObject? ToJson()
    {
        foreach (var ((owner, name), text) in _texts)
        {
            owner[name] = text.ToString();
        }

        var json = new JsonObject();
        if (_message.Count > 0)
        {
            json["message"] = _message.DeepClone();
        }

        if (_parts.Count > 0)
        {
            json["parts"] = _parts.DeepClone();
        }

        var calls = _calls.Where(call => call.Value.Count > 0).ToList();
        if (calls.Count > 0)
        {
            json["calls"] = new JsonObject(calls.Select(call => KeyValuePair.Create(call.Key.ToString(CultureInfo.InvariantCulture),
                (JsonNode?)call.Value.DeepClone())));
        }

        return json.Count > 0 && _length <= MaxLength ? json : null;
    }

    private void Add(JsonObject kept, JsonObject source, HashSet<string> standard)
    {
        foreach (var field in source.Where(field => IsKept(field, standard)))
        {
            if (HasRoomFor(field.Value!))
            {
                Merge(kept, field.Key, field.Value);
            }
        }
    }

    private bool HasRoomFor(JsonNode node)
    {
        _length += node.ToJsonString().Length;
        return _length <= MaxLength;
    }

    private static bool IsKept(KeyValuePair<string, JsonNode?> field, HashSet<string> standard) => !standard.Contains(field.Key)
        && field.Value switch
    {
        null => false,
        JsonArray list => list.Count > 0,
        JsonObject fields => fields.Count > 0,
        JsonValue value => value.GetValueKind() != JsonValueKind.String || value.GetValue<string>().Length > 0,
        _ => true,
    };

    private void Merge(JsonObject target, string name, JsonNode? value)
    {
        switch (target[name], value)
        {
            case (JsonObject known, JsonObject more):
                foreach (var field in more)
                {
                    Merge(known, field.Key, field.Value);
                }

                break;
            case (JsonArray known, JsonArray more):
                MergeItems(known, more);
                break;
            case (JsonValue known, JsonValue more) when !Constant.Contains(name) && JsonText.Plain(known) is { } begun
                && JsonText.Plain(more) is { } next:
                if (!_texts.TryGetValue((target, name), out var text))
                {
                    _texts[(target, name)] = text = new StringBuilder(begun);
                }

                text.Append(next);
                break;
            case (_, null):
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    /// <summary>Items of one number and type are pieces of one; without a number, words that follow words of the same type.</summary>
    private void MergeItems(JsonArray target, JsonArray more)
    {
        var isFirst = true;
        foreach (var item in more)
        {
            var known = item is JsonObject one ? target.OfType<JsonObject>().LastOrDefault(other => IsContinuedBy(other, one, isFirst
                && target[^1] == other)) : null;
            if (known is null)
            {
                target.Add(item?.DeepClone());
            }
            else
            {
                foreach (var field in (JsonObject)item!)
                {
                    Merge(known, field.Key, field.Value);
                }
            }

            isFirst = false;
        }
    }

    private static bool IsContinuedBy(JsonObject known, JsonObject more, bool areNeighbours) =>
        JsonText.Plain(known["type"]) == JsonText.Plain(more["type"])
            && (JsonText.Number(more["index"]) is { } index ? JsonText.Number(known["index"]) == index : areNeighbours && IsWords(known)
                && IsWords(more));

    private static bool IsWords(JsonObject item) => item.All(field => field.Key is "type" or "text" or "thinking" or "summary");
}
