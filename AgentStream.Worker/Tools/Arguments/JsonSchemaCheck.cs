using System.Globalization;
using System.Text.Json;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>
/// Checks a value against the part of JSON Schema that tools use: <c>type</c>, <c>enum</c>, <c>const</c>, <c>required</c>, <c>properties</c>, <c>additionalProperties</c>,
/// <c>items</c>, <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c>, local <c>$ref</c>, and the bounds of numbers, strings and arrays. Other keywords don't constrain anything here:
/// the tool itself has the last word. The answer is the first problem, as a sentence for the model.
/// </summary>
internal static class JsonSchemaCheck
{
    // Deeper than any tool needs; guards against schemas that refer to themselves.
    private const int MaxDepth = 32;

    /// <summary>The first thing wrong with <paramref name="value"/>, or null if it fits.</summary>
    public static string? FindError(JsonElement value, JsonElement schema) => Check(value, schema, schema, "", 0);

    private static string? Check(JsonElement value, JsonElement schema, JsonElement root, string path, int depth)
    {
        if (schema.ValueKind is JsonValueKind.False)
        {
            return $"{Subject(path)} is not allowed.";
        }

        if (schema.ValueKind is not JsonValueKind.Object || depth > MaxDepth)
        {
            return null;
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Resolve(root, reference.GetString()) is { } target ? Check(value, target, root, path, depth + 1) : null;
        }

        return CheckType(value, schema, path)
            ?? CheckChoice(value, schema, path)
            ?? CheckAlternatives(value, schema, root, path, depth)
            ?? value.ValueKind switch
            {
                JsonValueKind.Object => CheckObject(value, schema, root, path, depth),
                JsonValueKind.Array => CheckArray(value, schema, root, path, depth),
                JsonValueKind.Number => CheckNumber(value, schema, path),
                JsonValueKind.String => CheckString(value, schema, path),
                _ => null,
            };
    }

    private static string? CheckType(JsonElement value, JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        var allowed = type.ValueKind is JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : new[] { type.GetString()! };
        if (allowed.Any(one => IsOfType(value, one)))
        {
            return null;
        }

        return $"{Subject(path)} must be {string.Join(" or ", allowed.Select(JsonWords.OfType))}, not {ActualKind(value, allowed)}.";
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "number" => value.ValueKind is JsonValueKind.Number,
        "integer" => value.ValueKind is JsonValueKind.Number && IsInteger(value),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind is JsonValueKind.Null,
        _ => true,
    };

    // JSON Schema counts 3.0 as an integer, but the serializer that binds it does not read it as one.
    private static bool IsInteger(JsonElement value) => !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');

    private static string ActualKind(JsonElement value, string[] allowed) =>
        value.ValueKind is JsonValueKind.Number && allowed.Contains("integer") ? $"the number {value.GetRawText()}" : JsonWords.KindOf(value);

    private static string? CheckChoice(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(value, constant))
        {
            return $"{Subject(path)} must be {constant.GetRawText()}.";
        }

        if (!schema.TryGetProperty("enum", out var choices) || choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(value, choice)))
        {
            return null;
        }

        return $"{Subject(path)} must be one of {string.Join(", ", choices.EnumerateArray().Select(choice => choice.GetRawText()))}.";
    }

    private static string? CheckAlternatives(JsonElement value, JsonElement schema, JsonElement root, string path, int depth)
    {
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var part in all.EnumerateArray())
            {
                if (Check(value, part, root, path, depth + 1) is { } problem)
                {
                    return problem;
                }
            }
        }

        // "Exactly one" is a demand on the schema's author more than on the model: whatever fits one alternative is let through.
        if (schema.TryGetProperty("anyOf", out var alternatives) || schema.TryGetProperty("oneOf", out alternatives))
        {
            string? first = null;
            foreach (var alternative in alternatives.EnumerateArray())
            {
                if (Check(value, alternative, root, path, depth + 1) is not { } problem)
                {
                    return null;
                }

                first ??= problem;
            }

            return first;
        }

        return null;
    }

    private static string? CheckObject(JsonElement value, JsonElement schema, JsonElement root, string path, int depth)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(one => one.GetString()!))
            {
                if (!value.TryGetProperty(name, out _))
                {
                    return $"{Subject(Join(path, name))} is missing.";
                }
            }
        }

        var known = schema.TryGetProperty("properties", out var properties) ? properties : default;
        foreach (var property in value.EnumerateObject())
        {
            var problem = known.ValueKind is JsonValueKind.Object && known.TryGetProperty(property.Name, out var propertySchema)
                ? Check(property.Value, propertySchema, root, Join(path, property.Name), depth + 1)
                : CheckUnknown(property, schema, known, root, path, depth);
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? CheckUnknown(JsonProperty property, JsonElement schema, JsonElement known, JsonElement root, string path, int depth)
    {
        if (!schema.TryGetProperty("additionalProperties", out var additional))
        {
            return null;
        }

        if (additional.ValueKind is not JsonValueKind.False)
        {
            return Check(property.Value, additional, root, Join(path, property.Name), depth + 1);
        }

        var names = known.ValueKind is JsonValueKind.Object ? known.EnumerateObject().Select(one => $"'{one.Name}'").ToArray() : [];
        return $"{Subject(Join(path, property.Name))} is unknown; "
            + (names.Length == 0 ? "there are no arguments." : $"the known ones are {string.Join(", ", names)}.");
    }

    private static string? CheckArray(JsonElement value, JsonElement schema, JsonElement root, string path, int depth)
    {
        var length = value.GetArrayLength();
        if (Bound(schema, "minItems") is { } minimum && length < minimum)
        {
            return $"{Subject(path)} must have at least {Text(minimum)} items.";
        }

        if (Bound(schema, "maxItems") is { } maximum && length > maximum)
        {
            return $"{Subject(path)} must have at most {Text(maximum)} items.";
        }

        if (!schema.TryGetProperty("items", out var items))
        {
            return null;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (Check(item, items, root, $"{path}[{index++}]", depth + 1) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? CheckNumber(JsonElement value, JsonElement schema, string path)
    {
        var number = value.GetDouble();
        if (Bound(schema, "minimum") is { } minimum && number < minimum)
        {
            return $"{Subject(path)} must be at least {Text(minimum)}.";
        }

        if (Bound(schema, "maximum") is { } maximum && number > maximum)
        {
            return $"{Subject(path)} must be at most {Text(maximum)}.";
        }

        return null;
    }

    private static string? CheckString(JsonElement value, JsonElement schema, string path)
    {
        var length = value.GetString()!.Length;
        if (Bound(schema, "minLength") is { } minimum && length < minimum)
        {
            return $"{Subject(path)} must have at least {Text(minimum)} characters.";
        }

        if (Bound(schema, "maxLength") is { } maximum && length > maximum)
        {
            return $"{Subject(path)} must have at most {Text(maximum)} characters, not {length}.";
        }

        return null;
    }

    private static double? Bound(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var bound) && bound.ValueKind is JsonValueKind.Number ? bound.GetDouble() : null;

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Subject(string path) => path.Length == 0 ? "The value" : $"Argument '{path}'";

    // "#/properties/tree/items": the exporter writes such pointers for types that contain themselves.
    private static JsonElement? Resolve(JsonElement root, string? pointer)
    {
        if (pointer is null || !pointer.StartsWith('#'))
        {
            return null;
        }

        var current = root;
        foreach (var segment in pointer[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (current.ValueKind is not JsonValueKind.Object || !current.TryGetProperty(name, out current))
            {
                return null;
            }
        }

        return current;
    }
}
