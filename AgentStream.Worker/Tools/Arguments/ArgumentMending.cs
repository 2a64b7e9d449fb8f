using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>
/// Mends arguments that mean the right thing and have another form than the schema asks for, where nothing is lost: <c>5.0</c> for an
/// integer, <c>null</c> for an optional
/// argument that takes none, <c>"5"</c> for a number and <c>5</c> for a string, <c>"true"</c> for a boolean, one value for a list of it, a
/// list of one for a value,
/// an object or a list as a string of JSON, a choice in other letters. What fits already stays as it is; what can't be mended stays too,
/// and the check names it.
/// </summary>
internal static class ArgumentMending
{
    // As deep as the check looks.
    private const int MaxDepth = 32;

    public static JsonElement Mend(JsonElement value, JsonElement schema) =>
        Mended(value, schema, schema, 0) is { } mended ? ElementOf(mended) : value;

    /// <summary>A JSON string that holds a value of that kind.</summary>
    public static bool TryUnwrap(JsonElement value, JsonValueKind kind, out JsonElement inner)
    {
        inner = default;
        if (value.ValueKind is not JsonValueKind.String || value.GetString()!.AsSpan().TrimStart() is not (['{', ..] or ['[', ..]))
        {
            return false;
        }

        try
        {
            inner = JsonElement.Parse(value.GetString()!);
            return inner.ValueKind == kind && JsonCharacters.AreWhole(inner);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <returns>What takes its place; null: nothing does.</returns>
    private static JsonNode? Mended(JsonElement value, JsonElement schema, JsonElement root, int depth)
    {
        if (schema.ValueKind is not JsonValueKind.Object || depth > MaxDepth)
        {
            return null;
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return JsonSchemaCheck.Resolve(root, reference) is { } target ? Mended(value, target, root, depth + 1) : null;
        }

        if (MendedByAlternatives(value, schema, root, depth) is { } chosen)
        {
            return chosen;
        }

        JsonNode? inside = value.ValueKind switch
        {
            JsonValueKind.Object => MendedObject(value, schema, root, depth),
            JsonValueKind.Array => MendedArray(value, schema, root, depth),
            JsonValueKind.Number => Whole(value, schema),
            _ => null,
        };
        if (inside is not null || Fits(value, schema, root))
        {
            return inside;
        }

        return Candidates(value, schema, root, depth).FirstOrDefault(candidate => Fits(ElementOf(candidate), schema, root));
    }

    private static JsonNode? MendedByAlternatives(JsonElement value, JsonElement schema, JsonElement root, int depth)
    {
        if (JsonSchemaCheck.Member(schema, "allOf", JsonValueKind.Array) is { } all)
        {
            JsonNode? result = null;
            foreach (var part in all.EnumerateArray())
            {
                result = Mended(result is null ? value : ElementOf(result), part, root, depth + 1) ?? result;
            }

            return result;
        }

        if ((JsonSchemaCheck.Member(schema, "anyOf", JsonValueKind.Array)
            ?? JsonSchemaCheck.Member(schema, "oneOf", JsonValueKind.Array)) is not { } alternatives)
        {
            return null;
        }

        foreach (var alternative in alternatives.EnumerateArray())
        {
            if (Fits(value, alternative, root))
            {
                return Mended(value, alternative, root, depth + 1);
            }
        }

        return alternatives.EnumerateArray()
            .Select(alternative =>
                Mended(value, alternative, root, depth + 1) is { } mended && Fits(ElementOf(mended), alternative, root) ? mended : null)
            .FirstOrDefault(mended => mended is not null);
    }

    private static JsonObject? MendedObject(JsonElement value, JsonElement schema, JsonElement root, int depth)
    {
        var changed = false;
        var result = new JsonObject();
        foreach (var property in value.EnumerateObject())
        {
            JsonElement own = default;
            var isKnown = JsonSchemaCheck.Member(schema, "properties", JsonValueKind.Object) is { } known
                && known.TryGetProperty(property.Name, out own);
            own = isKnown ? own : SchemaOfOther(property.Name, schema);
            if (isKnown && property.Value.ValueKind is JsonValueKind.Null && !IsRequired(property.Name, schema)
                && !Fits(property.Value, own, root))
            {
                changed = true;
                continue;
            }

            var mended = Mended(property.Value, own, root, depth + 1);
            changed |= mended is not null;
            result[property.Name] = mended ?? NodeOf(property.Value);
        }

        return changed ? result : null;
    }

    private static JsonElement SchemaOfOther(string name, JsonElement schema) =>
        JsonSchemaCheck.PatternSchemaOf(name, schema) ?? JsonSchemaCheck.Member(schema, "additionalProperties", JsonValueKind.Object)
            ?? default;

    private static bool IsRequired(string name, JsonElement schema) =>
        JsonSchemaCheck.Member(schema, "required", JsonValueKind.Array) is { } required
        && required.EnumerateArray().Any(one => one.ValueKind is JsonValueKind.String && one.ValueEquals(name));

    private static JsonArray? MendedArray(JsonElement value, JsonElement schema, JsonElement root, int depth)
    {
        if (JsonSchemaCheck.Member(schema, "items", JsonValueKind.Object) is not { } items)
        {
            return null;
        }

        var changed = false;
        var result = new JsonArray();
        foreach (var item in value.EnumerateArray())
        {
            var mended = Mended(item, items, root, depth + 1);
            changed |= mended is not null;
            result.Add(mended ?? NodeOf(item));
        }

        return changed ? result : null;
    }

    /// <summary>Readers of integers take no <c>5.0</c>, although JSON Schema calls it one.</summary>
    private static JsonValue? Whole(JsonElement number, JsonElement schema) =>
        JsonSchemaCheck.TypesOf(schema).Contains("integer") && number.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')
            && JsonSchemaCheck.IsWhole(number)
            ? JsonValue.Create(decimal.Truncate(number.GetDecimal()))
            : null;

    private static IEnumerable<JsonNode> Candidates(JsonElement value, JsonElement schema, JsonElement root, int depth)
    {
        if (JsonSchemaCheck.Member(schema, "enum", JsonValueKind.Array) is { } choices)
        {
            var alike = choices.EnumerateArray()
                .Where(choice => string.Equals(TextOf(choice), TextOf(value)?.Trim(), StringComparison.OrdinalIgnoreCase)).ToList();
            if (alike is [var only] && only.ValueKind is not JsonValueKind.Null)
            {
                yield return NodeOf(only)!;
            }
        }

        foreach (var type in JsonSchemaCheck.TypesOf(schema))
        {
            if (Candidate(value, type, schema, root, depth) is { } candidate)
            {
                yield return candidate;
            }
        }

        if (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 1 && !JsonSchemaCheck.TypesOf(schema).Contains("array"))
        {
            yield return Mended(value[0], schema, root, depth + 1) ?? NodeOf(value[0]) ?? JsonValue.Create("");
        }
    }

    private static JsonNode? Candidate(JsonElement value, string type, JsonElement schema, JsonElement root, int depth)
    {
        var text = value.ValueKind is JsonValueKind.String ? value.GetString()!.Trim() : null;
        switch (type)
        {
            case "integer" or "number" when text is not null && NumberOf(text) is { } number:
                return (type == "integer" ? Whole(number, schema) : null) ?? NodeOf(number);
            case "boolean" when text is not null && bool.TryParse(text, out var truth):
                return JsonValue.Create(truth);
            case "string" when value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return JsonValue.Create(value.GetRawText());
            case "object" when TryUnwrap(value, JsonValueKind.Object, out var inner):
                return Mended(inner, schema, root, depth + 1) ?? NodeOf(inner);
            case "array" when TryUnwrap(value, JsonValueKind.Array, out var list):
                return Mended(list, schema, root, depth + 1) ?? NodeOf(list);
            case "array" when value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null):
                var alone = new JsonArray(NodeOf(value));
                return MendedArray(ElementOf(alone), schema, root, depth + 1) ?? alone;
            default:
                return null;
        }
    }

    private static JsonElement? NumberOf(string text)
    {
        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Number } number ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static bool Fits(JsonElement value, JsonElement schema, JsonElement root) =>
        JsonSchemaCheck.FindError(value, schema, root) is null;

    private static JsonNode? NodeOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };

    private static JsonElement ElementOf(JsonNode node) => JsonSerializer.SerializeToElement(node, ToolJsonContext.Relaxed.JsonNode);
}
