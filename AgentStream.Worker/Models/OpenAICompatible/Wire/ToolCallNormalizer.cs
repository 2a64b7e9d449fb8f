using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Sorts the pieces of tool calls.
/// The standard tells calls apart by <c>index</c>; there are servers that leave it out, give every call the same one, give every call
/// the same id, make up a new id in each piece, send no id at all, repeat the name in each piece or the whole call at the end,
/// write the arguments as an object, or call with <c>function_call</c>, as all did before 2024.
/// </summary>
/// <param name="kept">Gets what a piece has beside.</param>
internal sealed class ToolCallNormalizer(KeptFields kept)
{
    // Where pieces without an index belong, and those of the one call that has no place for an index.
    private const long Latest = -1;
    private const long FunctionCall = -2;

    private readonly List<Call> _calls = [];
    private readonly Dictionary<string, Call> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Call> _currentOf = [];
    private bool _hasToolCalls;

    /// <summary>The calls in a delta or message, in the standard form.</summary>
    public JsonArray Normalize(JsonObject source)
    {
        var pieces = source["tool_calls"] switch
        {
            JsonArray several => several.OfType<JsonObject>().ToList(),
            JsonObject one => [one],
            _ => [],
        };
        _hasToolCalls |= pieces.Count > 0;

        // llama-cpp-python says each call twice, once in either form.
        if (!_hasToolCalls && source["function_call"] is JsonObject { Count: > 0 } function)
        {
            var id = _currentOf.ContainsKey(FunctionCall) ? null : FunctionCallForm.NewId();
            pieces = [new JsonObject { ["index"] = FunctionCall, ["id"] = id, ["function"] = function.DeepClone() }];
        }

        return [.. pieces.Select(Standard).OfType<JsonObject>()];
    }

    /// <summary>The part that calls without arguments lack.</summary>
    public JsonArray Missing() => [.. _calls.Where(call => call.Arguments.Length == 0).Select(call => new JsonObject
    {
        ["index"] = call.Index,
        ["type"] = "function",
        ["function"] = new JsonObject { ["arguments"] = "{}" },
    })];

    private JsonObject? Standard(JsonObject piece)
    {
        // Some have no "function" around name and arguments, and some have the id in it.
        var function = piece["function"] as JsonObject ?? piece;
        var name = JsonText.Plain(function["name"]) ?? "";
        var id = JsonText.Plain(piece["id"]) ?? JsonText.Plain(function["id"]) ?? "";
        var arguments = function["arguments"] is { } given ? JsonText.Plain(given) ?? given.ToJsonString() : "";
        var call = Find(IndexOf(piece), id, name);
        if (call is not null && !string.IsNullOrWhiteSpace(arguments))
        {
            if (call.Arguments.Equals(arguments) && call.IsWhole)
            {
                // The whole of it once more.
                return null;
            }

            call = name.Length > 0 && call.IsWhole ? null : call;
        }

        var isNew = call is null;
        call ??= Begin(IndexOf(piece), id);
        call.Arguments.Append(arguments);
        kept.AddCall(call.Index, piece);
        var standard = new JsonObject { ["index"] = call.Index, ["type"] = "function" };
        if (isNew)
        {
            standard["id"] = call.Id;
        }

        var standardFunction = new JsonObject();
        if (call.Name.Length == 0 && name.Length > 0)
        {
            call.Name = name;
            standardFunction["name"] = name;
        }

        if (arguments.Length > 0)
        {
            standardFunction["arguments"] = arguments;
        }

        standard["function"] = standardFunction;
        return standard;
    }

    /// <summary>The call that a piece goes on with; null: it begins one.</summary>
    private Call? Find(long index, string id, string name)
    {
        var here = _currentOf.GetValueOrDefault(index);
        if (id.Length > 0 && _byId.TryGetValue(id, out var known))
        {
            // One id at several places is several calls; without a name the place still tells whose piece it is.
            var isElsewhere = index >= 0 && known.Place >= 0 && index != known.Place;
            return !isElsewhere ? known : here ?? (name.Length > 0 ? null : known);
        }

        if (here is null || name.Length == 0)
        {
            return here;
        }

        // The name again, with an id that was never seen or none: the same call only as long as that one can't be over.
        return here.Name.Length == 0 ? (id.Length == 0 ? here : null)
            : here.Name != name ? null
            : here.IsWhole ? (id.Length == 0 ? here : null)
            : index != Latest || here.Arguments.Length > 0 ? here
            : null;
    }

    private Call Begin(long index, string id)
    {
        var isFree = id.Length > 0 && !_byId.ContainsKey(id);
        var call = new Call(_calls.Count, index, isFree ? id : $"call_{Guid.NewGuid():N}");
        _calls.Add(call);
        _byId.TryAdd(id.Length > 0 ? id : call.Id, call);
        _currentOf[index] = call;
        _currentOf[Latest] = call;
        return call;
    }

    private static long IndexOf(JsonObject piece) =>
        JsonText.Number(piece["index"]) ?? (long.TryParse(JsonText.Plain(piece["index"]), out var number) ? number : Latest);

    private sealed class Call(int index, long place, string id)
    {
        /// <summary>Its number among the calls of this reply.</summary>
        public int Index { get; } = index;

        /// <summary>The index that the server gave it.</summary>
        public long Place { get; } = place;

        public string Id { get; } = id;

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();

        /// <summary>Its arguments are a whole JSON object: nothing can be added to them.</summary>
        public bool IsWhole => Arguments.Length > 1 && IsObject(Arguments.ToString());

        private static bool IsObject(string text)
        {
            if (!text.AsSpan().TrimEnd().EndsWith("}"))
            {
                return false;
            }

            try
            {
                return JsonNode.Parse(text) is JsonObject;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
