using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentStream.Worker.Tools.Arguments;

namespace AgentStream.Worker.Tools.Schemas;

/// <summary>Rewrites one schema to what every provider takes, with the same meaning for the model. What can't be said in keywords is said
/// in descriptions.</summary>
/// <remarks>
/// Refused by one or the other: anything but a plain object at the root, <c>null</c> for a keyword, <c>true</c> and <c>false</c> as
/// schemas, lists without <c>items</c>, tuples,
/// <c>type</c> beside <c>anyOf</c>, names of types that JSON Schema does not have, references to elsewhere, patterns that don't compile,
/// names of arguments with other characters,
/// draft 3's and 4's <c>required</c> and <c>exclusiveMinimum</c> of <c>true</c>, keywords that nobody knows.
/// </remarks>
internal sealed partial class SchemaRewriter
{
    private const int MaxDepth = 12;
    private const int MaxNodes = 2_000;
    private const int MaxNameLength = 64;
    private const int MaxSaid = 300;

    private static readonly Dictionary<string, string> TypeNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["object"] = "object",
        ["dict"] = "object",
        ["map"] = "object",
        ["json"] = "object",
        ["record"] = "object",
        ["array"] = "array",
        ["list"] = "array",
        ["tuple"] = "array",
        ["set"] = "array",
        ["string"] = "string",
        ["str"] = "string",
        ["text"] = "string",
        ["date"] = "string",
        ["datetime"] = "string",
        ["uuid"] = "string",
        ["integer"] = "integer",
        ["int"] = "integer",
        ["int32"] = "integer",
        ["int64"] = "integer",
        ["long"] = "integer",
        ["number"] = "number",
        ["float"] = "number",
        ["double"] = "number",
        ["decimal"] = "number",
        ["boolean"] = "boolean",
        ["bool"] = "boolean",
        ["null"] = "null",
        ["none"] = "null",
        ["nil"] = "null",
    };

    private static readonly string[] Numbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
    private static readonly string[] Counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
    private static readonly string[] Said =
        ["not", "if", "then", "else", "contains", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies"];

    private readonly JsonElement _own;
    private readonly Dictionary<string, string> _shownNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject?> _definitions = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, JsonElement Schema)> _open = [];
    private int _nodes;

    public SchemaRewriter(JsonElement schema) => _own = schema.ValueKind is JsonValueKind.Object ? schema : JsonElement.Parse("{}");

    public ToolSchema Rewrite()
    {
        var root = new RootSchema(_own, ShownName);
        var properties = new JsonObject();
        foreach (var (name, schemas) in root.Properties)
        {
            if (Together(schemas) is { } schema)
            {
                properties[ShownName(name)] = Named(name, schema);
            }
        }

        List<string> required = [.. root.Required.Where(name =>
            !root.Properties.TryGetValue(name, out var schemas) || schemas.Exists(one => one.ValueKind is not JsonValueKind.False))];
        foreach (var name in required)
        {
            properties.TryAdd(ShownName(name), Named(name, []));
        }

        var shown = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            shown["required"] = new JsonArray([.. required.Select(name => (JsonNode)ShownName(name))]);
        }

        // Patterns of names can't be shown: what they allow must not be forbidden.
        var patterns = JsonSchemaCheck.Member(_own, "patternProperties", JsonValueKind.Object);
        if (patterns is null && root.Additional is { } additional)
        {
            shown["additionalProperties"] = additional.ValueKind is JsonValueKind.False ? false : Fixed(additional, 1);
        }

        var notes = root.Notes;
        if (patterns is { } names && names.EnumerateObject().Any())
        {
            notes.Add(SaidOfPatterns(names));
        }

        if (Definitions() is { Count: > 0 } definitions)
        {
            shown["$defs"] = definitions;
        }

        var element = JsonSerializer.SerializeToElement(shown, ToolJsonContext.Relaxed.JsonNode);
        var renamed = _shownNames.Where(pair => pair.Key != pair.Value)
            .ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
        // Arguments are an object, whatever a schema says of its root.
        var own = JsonSchemaCheck.TypesOf(_own) is { Count: > 0 } types && !types.Contains("object") ? JsonElement.Parse("{}") : _own;
        return new ToolSchema(element, own, renamed, notes.Count > 0 ? string.Join('\n', notes) : null);
    }

    /// <summary>An argument for which alternatives have schemas of their own.</summary>
    private JsonObject? Together(List<JsonElement> schemas)
    {
        List<JsonObject> possible =
            [.. schemas.Where(schema => schema.ValueKind is not JsonValueKind.False).Select(schema => Fixed(schema, 1))];
        if (possible.Count < 2)
        {
            return possible.FirstOrDefault();
        }

        // Unions that tell their members apart by a constant: one list of them.
        if (possible.TrueForAll(schema => schema["enum"] is JsonArray)
            && possible.Select(schema => schema["type"]?.ToJsonString()).Distinct().Count() == 1)
        {
            var first = (JsonObject)possible[0].DeepClone();
            first["enum"] = Distinct(possible.SelectMany(schema => (JsonArray)schema["enum"]!));
            return first;
        }

        return new JsonObject { ["anyOf"] = new JsonArray([.. possible]) };
    }

    private JsonObject Fixed(JsonElement schema, int depth)
    {
        if (schema.ValueKind is not JsonValueKind.Object)
        {
            return [];
        }

        var description = Text(schema, "description");
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            return Described([], description ?? Cut(schema));
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Referred(reference, description, depth);
        }

        var result = new JsonObject();
        List<string> said = description is null ? [] : [description];
        AddTypes(result, schema);
        foreach (var keyword in new[] { "title", "format" })
        {
            if (Text(schema, keyword) is { } text)
            {
                result[keyword] = text;
            }
        }

        if (schema.TryGetProperty("default", out var standard))
        {
            result["default"] = JsonNode.Parse(standard.GetRawText());
        }

        AddBounds(result, schema, said);
        AddMembers(result, schema, said, depth);
        AddItems(result, schema, said, depth);
        AddParts(result, schema, depth);
        InferType(result);
        var others = schema.EnumerateObject()
            .Where(member => Said.Contains(member.Name) && member.Value.ValueKind is not JsonValueKind.Null)
            .Select(member => $"\"{member.Name}\":{Json(member.Value)}").ToList();
        if (others.Count > 0)
        {
            said.Add($"Must also fit: {Output.CutText.Of($"{{{string.Join(',', others)}}}", MaxSaid)}");
        }

        return Described(result, said.Count > 0 ? string.Join(' ', said) : null);
    }

    /// <summary>References to definitions stay, and "#", the whole; others are followed here, since what they point to may have
    /// moved.</summary>
    private JsonObject Referred(JsonElement reference, string? description, int depth)
    {
        if (JsonSchemaCheck.Resolve(_own, reference) is not { } target)
        {
            // Never fetched: a tool's author must not decide which address this machine asks.
            return Described([], description ?? (reference.ValueKind is JsonValueKind.String ? $"See {reference.GetString()}." : null));
        }

        var pointer = reference.GetString()!;
        if (pointer == "#")
        {
            return Described(new JsonObject { ["$ref"] = "#" }, description);
        }

        if (pointer.Split('/') is ["#", "$defs" or "definitions", var key])
        {
            if (_definitions.TryAdd(key, null))
            {
                _open.Enqueue((key, target));
            }

            return Described(new JsonObject { ["$ref"] = "#/$defs/" + key }, description);
        }

        var inlined = Fixed(target, depth + 1);
        return description is null ? inlined : Described(inlined, description);
    }

    private JsonObject Definitions()
    {
        while (_open.TryDequeue(out var open))
        {
            _definitions[open.Key] = Fixed(open.Schema, 1);
        }

        return new JsonObject(_definitions.Select(pair => KeyValuePair.Create(NameOf(pair.Key), (JsonNode?)pair.Value)));

        static string NameOf(string key) =>
            Uri.UnescapeDataString(key).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
    }

    private static void AddTypes(JsonObject result, JsonElement schema)
    {
        List<string> types = [.. JsonSchemaCheck.TypesOf(schema).Select(type => TypeNames.GetValueOrDefault(type, ""))
            .Where(type => type.Length > 0).Distinct()];
        if (types.Count == 1)
        {
            result["type"] = types[0];
        }
        else if (types.Count > 1)
        {
            result["type"] = new JsonArray([.. types.Select(type => (JsonNode)type)]);
        }

        var choices = schema.TryGetProperty("const", out var constant)
            ? [JsonNode.Parse(constant.GetRawText())]
            : JsonSchemaCheck.Member(schema, "enum", JsonValueKind.Array)?.EnumerateArray()
                .Select(choice => JsonNode.Parse(choice.GetRawText())).ToList() ?? [];
        if (choices.Count > 0 && types.Contains("null"))
        {
            choices.Add(null);
        }

        if (choices.Count > 0)
        {
            result["enum"] = Distinct(choices);
        }
    }

    private static void AddBounds(JsonObject result, JsonElement schema, List<string> said)
    {
        foreach (var keyword in Numbers.Concat(Counts))
        {
            if (Number(schema, keyword) is { } number && (number >= 0 || !Counts.Contains(keyword)))
            {
                result[keyword] = number;
            }
        }

        // Draft 4: "minimum": 0, "exclusiveMinimum": true.
        foreach (var (exclusive, bound) in new[] { ("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum") })
        {
            if (JsonSchemaCheck.Member(schema, exclusive, JsonValueKind.True) is not null && result.Remove(bound, out var value))
            {
                result[exclusive] = value;
            }
        }

        if (JsonSchemaCheck.Member(schema, "uniqueItems", JsonValueKind.True) is not null)
        {
            result["uniqueItems"] = true;
        }

        if (Text(schema, "pattern") is { } pattern)
        {
            if (Compiles(pattern))
            {
                result["pattern"] = pattern;
            }
            else
            {
                said.Add($"Pattern: {pattern}");
            }
        }
    }

    private void AddMembers(JsonObject result, JsonElement schema, List<string> said, int depth)
    {
        var required = JsonSchemaCheck.Member(schema, "required", JsonValueKind.Array)?.EnumerateArray()
            .Where(name => name.ValueKind is JsonValueKind.String).Select(name => name.GetString()!).Distinct().ToList() ?? [];
        if (JsonSchemaCheck.Member(schema, "properties", JsonValueKind.Object) is { } properties)
        {
            var members = new JsonObject();
            foreach (var property in properties.EnumerateObject())
            {
                if (property.Value.ValueKind is JsonValueKind.False)
                {
                    required.Remove(property.Name);
                    continue;
                }

                members[property.Name] = Fixed(property.Value, depth + 1);
                if (JsonSchemaCheck.Member(property.Value, "required", JsonValueKind.True) is not null && !required.Contains(property.Name))
                {
                    required.Add(property.Name);
                }
            }

            result["properties"] = members;
        }

        if (required.Count > 0)
        {
            var members = result["properties"] as JsonObject ?? [];
            foreach (var name in required)
            {
                members.TryAdd(name, new JsonObject());
            }

            result["properties"] ??= members;
            result["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]);
        }

        if (JsonSchemaCheck.Member(schema, "patternProperties", JsonValueKind.Object) is { } patterns && patterns.EnumerateObject().Any())
        {
            said.Add(SaidOfPatterns(patterns));
        }
        else if (schema.TryGetProperty("additionalProperties", out var additional))
        {
            switch (additional.ValueKind)
            {
                case JsonValueKind.True or JsonValueKind.False:
                    result["additionalProperties"] = additional.GetBoolean();
                    break;
                case JsonValueKind.Object:
                    result["additionalProperties"] = Fixed(additional, depth + 1);
                    break;
                default:
                    break;
            }
        }
    }

    private void AddItems(JsonObject result, JsonElement schema, List<string> said, int depth)
    {
        var hasItems = schema.TryGetProperty("items", out var items);
        var tuple = JsonSchemaCheck.Member(schema, "prefixItems", JsonValueKind.Array)
            ?? (items.ValueKind is JsonValueKind.Array ? items : null);
        if (tuple is { } places && places.GetArrayLength() > 0)
        {
            List<JsonNode> each = [.. places.EnumerateArray().Select(place => (JsonNode)Fixed(place, depth + 1))];
            var words = each.Select(place => place["description"]?.ToString() ?? place["type"]?.ToString() ?? "anything");
            said.Add($"Its items, in this order: {string.Join(", ", words)}.");
            if (items.ValueKind is JsonValueKind.False)
            {
                result["maxItems"] ??= each.Count;
            }

            var different = Distinct(each);
            result["items"] = different.Count == 1 ? different[0]!.DeepClone() : new JsonObject { ["anyOf"] = different };
        }
        else if (hasItems && items.ValueKind is JsonValueKind.Object)
        {
            result["items"] = Fixed(items, depth + 1);
        }
        else if (hasItems || IsOf(result, "array"))
        {
            result["items"] = new JsonObject();
        }
    }

    private void AddParts(JsonObject result, JsonElement schema, int depth)
    {
        List<JsonObject> alternatives = [.. PartsOf(schema, "anyOf").Concat(PartsOf(schema, "oneOf"))
            .Where(part => part.ValueKind is JsonValueKind.Object).Select(part => Fixed(part, depth + 1))];
        if (alternatives.Count == 1)
        {
            Merge(result, alternatives[0]);
        }
        else if (alternatives.Count > 1)
        {
            if (result.Remove("type", out var type))
            {
                alternatives.ForEach(alternative => alternative.TryAdd("type", type!.DeepClone()));
            }

            result["anyOf"] = new JsonArray([.. alternatives]);
        }

        foreach (var part in PartsOf(schema, "allOf"))
        {
            var inlined = part.ValueKind is JsonValueKind.Object && part.TryGetProperty("$ref", out var reference)
                ? JsonSchemaCheck.Resolve(_own, reference) ?? part : part;
            Merge(result, Fixed(inlined, depth + 1));
        }
    }

    /// <summary>Adds what another schema says as well; where both say something of the same, the first one's word stands.</summary>
    private static void Merge(JsonObject result, JsonObject other)
    {
        foreach (var (keyword, value) in other.ToList())
        {
            switch (keyword)
            {
                case "properties" when result["properties"] is JsonObject known:
                    foreach (var (name, schema) in (JsonObject)value!)
                    {
                        known.TryAdd(name, schema?.DeepClone());
                    }

                    break;
                case "required" when result["required"] is JsonArray known:
                    result["required"] = Distinct(known.Concat((JsonArray)value!));
                    break;
                default:
                    result.TryAdd(keyword, value?.DeepClone());
                    break;
            }
        }
    }

    /// <summary>Some providers want a type everywhere, or guess a wrong one.</summary>
    private static void InferType(JsonObject result)
    {
        if (result.ContainsKey("type") || result.ContainsKey("anyOf"))
        {
            return;
        }

        var type = result.ContainsKey("properties") ? "object"
            : result.ContainsKey("items") ? "array"
            : result["enum"] is JsonArray choices
                && choices.Select(choice => choice?.GetValueKind()).Distinct().ToList() is [JsonValueKind.String] ? "string"
            : null;
        if (type is not null)
        {
            result["type"] = type;
        }
    }

    private static JsonObject Described(JsonObject schema, string? description)
    {
        if (!string.IsNullOrWhiteSpace(description))
        {
            schema["description"] = description;
        }

        return schema;
    }

    /// <summary>Tells the model the name that the tool's own description has.</summary>
    private JsonObject Named(string name, JsonObject schema) => ShownName(name) == name
        ? schema
        : Described(schema, $"The argument '{name}'. {schema["description"]}".TrimEnd());

    private string ShownName(string name)
    {
        if (_shownNames.TryGetValue(name, out var known))
        {
            return known;
        }

        var shown = OtherCharacter().Replace(name, "_");
        shown = shown.Length switch { 0 => "_", > MaxNameLength => shown[..MaxNameLength], _ => shown };
        for (var number = 2; IsTaken(shown); number++)
        {
            var end = string.Create(CultureInfo.InvariantCulture, $"_{number}");
            shown = shown[..Math.Min(shown.Length, MaxNameLength - end.Length)] + end;
        }

        return _shownNames[name] = shown;

        bool IsTaken(string other) => _shownNames.ContainsValue(other)
            || (other != name
                && JsonSchemaCheck.Member(_own, "properties", JsonValueKind.Object) is { } own
                && own.TryGetProperty(other, out _));
    }

    private static string SaidOfPatterns(JsonElement patterns)
    {
        var words = string.Join("; ", patterns.EnumerateObject().Select(pattern => $"{pattern.Name} ({Json(pattern.Value)})"));
        return $"Names that fit these patterns may be given too: {Output.CutText.Of(words, MaxSaid)}.";
    }

    private static JsonElement.ArrayEnumerator PartsOf(JsonElement schema, string keyword) =>
        JsonSchemaCheck.Member(schema, keyword, JsonValueKind.Array)?.EnumerateArray() ?? default;

    private static JsonArray Distinct(IEnumerable<JsonNode?> nodes)
    {
        List<JsonNode?> different = [];
        foreach (var node in nodes)
        {
            if (!different.Exists(one => JsonNode.DeepEquals(one, node)))
            {
                different.Add(node);
            }
        }

        return new JsonArray([.. different.Select(node => node?.DeepClone())]);
    }

    private static bool IsOf(JsonObject schema, string type) =>
        schema["type"] is JsonArray types ? types.Any(one => one?.ToString() == type) : schema["type"]?.ToString() == type;

    private static string? Text(JsonElement schema, string keyword) =>
        JsonSchemaCheck.Member(schema, keyword, JsonValueKind.String)?.GetString();

    private static decimal? Number(JsonElement schema, string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDecimal(out var number) => number,
            JsonValueKind.String when decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture,
                out var written) => written,
            _ => null,
        };
    }

    private static bool Compiles(string pattern)
    {
        try
        {
            _ = new Regex(pattern);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Cut(JsonElement schema) => Output.CutText.Of(Json(schema), MaxSaid);

    private static string Json(JsonElement value) => JsonSerializer.Serialize(value, ToolJsonContext.Relaxed.JsonElement);

    [GeneratedRegex("[^a-zA-Z0-9_.-]")]
    private static partial Regex OtherCharacter();
}
