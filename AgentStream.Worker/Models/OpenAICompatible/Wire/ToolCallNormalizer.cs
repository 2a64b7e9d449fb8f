using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Sorts the pieces of tool calls. The standard tells calls apart by <c>index</c>; there are servers that leave it out, give every call the same one, make up a new id in each piece, send
/// no id at all, or write the arguments as an object.
/// </summary>
internal sealed class ToolCallNormalizer
{
    // Where pieces without an index belong.
    private const long Latest = -1;

    private readonly Dictionary<string, int> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _currentOf = [];
    private int _count;

    public JsonArray Normalize(JsonArray pieces) => [.. pieces.OfType<JsonObject>().Select(Normalize)];

    private JsonObject Normalize(JsonObject piece)
    {
        var function = piece["function"] as JsonObject ?? [];
        var name = JsonText.Plain(function["name"]);
        var id = JsonText.Plain(piece["id"]);
        var index = IndexOf(piece, id, name, out var isNew);
        var standard = new JsonObject { ["index"] = index, ["type"] = "function" };
        if (isNew)
        {
            standard["id"] = string.IsNullOrEmpty(id) ? $"call_{Guid.NewGuid():N}" : id;
        }

        var standardFunction = new JsonObject();
        if (!string.IsNullOrEmpty(name))
        {
            standardFunction["name"] = name;
        }

        if (function["arguments"] is { } arguments)
        {
            standardFunction["arguments"] = JsonText.Plain(arguments) ?? arguments.ToJsonString();
        }

        standard["function"] = standardFunction;
        return standard;
    }

    private int IndexOf(JsonObject piece, string? id, string? name, out bool isNew)
    {
        var given = JsonText.Number(piece["index"]) ?? Latest;
        isNew = false;
        if (!string.IsNullOrEmpty(id) && _byId.TryGetValue(id, out var known))
        {
            return known;
        }

        // A piece without a name goes on with a call, whatever its id says; one with a name and no id begins another, unless its index is in use.
        var hasCurrent = _currentOf.TryGetValue(given, out var current);
        if (hasCurrent && (string.IsNullOrEmpty(name) || (string.IsNullOrEmpty(id) && given >= 0)))
        {
            return current;
        }

        isNew = true;
        _currentOf[given] = _count;
        _currentOf[Latest] = _count;
        if (!string.IsNullOrEmpty(id))
        {
            _byId[id] = _count;
        }

        return _count++;
    }
}
