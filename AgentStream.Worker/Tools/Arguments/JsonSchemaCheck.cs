using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>
/// Checks a value against the part of JSON Schema that tools use: <c>type</c>, <c>nullable</c>, <c>enum</c>, <c>const</c>, <c>required</c>,
/// <c>properties</c>,
/// <c>patternProperties</c>, <c>additionalProperties</c>, <c>items</c>, <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c>, local <c>$ref</c>, and
/// the bounds of numbers, strings and arrays.
/// Other keywords, and those with a value of the wrong kind (<c>"required": null</c>), don't constrain anything here: the tool itself has
/// the last word.
/// The answer is the first problem, as a sentence for the model.
/// </summary>
internal static class JsonSchemaCheck
{
    // Deeper than any tool needs; guards against schemas that refer to themselves.
    private const int MaxDepth = 32;

    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>The first thing wrong with <paramref name="value"/>, or null if it fits.</summary>
    public static string? FindError(JsonElement value, JsonElement schema) => FindError(value, schema, schema);

    /// <param name="value">What is checked.</param>
    /// <param name="schema">What it must fit.</param>
    /// <param name="root">The whole schema, of which <paramref name="schema"/> is a part.</param>
    public static string? FindError(JsonElement value, JsonElement schema, JsonElement root) => Check(value, schema, root, "", 0);

    /// <summary>Names of the types that a schema allows; none: any.</summary>
    public static IReadOnlyList<string> TypesOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return [];
        }

        List<string> types = type.ValueKind switch
        {
            JsonValueKind.String => [type.GetString()!],
            JsonValueKind.Array =>
                [.. type.EnumerateArray().Where(one => one.ValueKind is JsonValueKind.String).Select(one => one.GetString()!)],
            _ => [],
        };
        if (types.Count > 0 && !types.Contains("null") && schema.TryGetProperty("nullable", out var nullable)
            && nullable.ValueKind is JsonValueKind.True)
        {
            types.Add("null");
        }

        return types;
    }

    /// <summary>Tells whether a number is whole, however it is written: <c>5</c>, <c>5.0</c>, <c>5e2</c>.</summary>
    public static bool IsWhole(JsonElement number) =>
        !number.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')
            || (number.TryGetDecimal(out var value) && value == decimal.Truncate(value));

    /// <summary>The schema that <c>patternProperties</c> has for a name, if any.</summary>
    public static JsonElement? PatternSchemaOf(string name, JsonElement schema)
    {
        if (Member(schema, "patternProperties", JsonValueKind.Object) is { } patterns)
        {
            foreach (var pattern in patterns.EnumerateObject())
            {
                if (IsMatch(pattern.Name, name))
                {
                    return pattern.Value;
                }
            }
        }

        return null;
    }

    /// <summary>The target of a local <c>$ref</c>, if there is one.</summary>
    /// <remarks><c>#/properties/tree/items</c>: the exporter writes such pointers for types that contain themselves.</remarks>
    public static JsonElement? Resolve(JsonElement root, JsonElement reference)
    {
        if (reference.ValueKind is not JsonValueKind.String || reference.GetString() is not ['#', .. var pointer])
        {
            return null;
        }

        var current = root;
        foreach (var segment in pointer.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(segment).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~",
                StringComparison.Ordinal);
            if (current.ValueKind is JsonValueKind.Array && int.TryParse(name, CultureInfo.InvariantCulture, out var index) && index >= 0
                && index < current.GetArrayLength())
            {
                current = current[index];
            }
            else if (current.ValueKind is not JsonValueKind.Object || !current.TryGetProperty(name, out current))
            {
                return null;
            }
        }

        return current;
    }

    /// <summary>A keyword's value, where it is of the kind that it must be.</summary>
    public static JsonElement? Member(JsonElement schema, string keyword, JsonValueKind kind) =>
        schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty(keyword, out var value) && value.ValueKind == kind ? value : null;

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
            return Resolve(root, reference) is { } target ? Check(value, target, root, path, depth + 1) : null;
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
        var allowed = TypesOf(schema);
        return allowed.Count == 0 || allowed.Any(one => IsOfType(value, one))
            ? null
            : $"{Subject(path)} must be {string.Join(" or ", allowed.Select(JsonWords.OfType))}, not {ActualKind(value, allowed)}.";
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "number" => value.ValueKind is JsonValueKind.Number,
        "integer" => value.ValueKind is JsonValueKind.Number && IsWhole(value),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind is JsonValueKind.Null,
        _ => true,
    };

    private static string ActualKind(JsonElement value, IReadOnlyList<string> allowed) =>
        value.ValueKind is JsonValueKind.Number && allowed.Contains("integer") ? $"the number {value.GetRawText()}"
            : JsonWords.KindOf(value);

    private static string? CheckChoice(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(value, constant))
        {
            return $"{Subject(path)} must be {constant.GetRawText()}.";
        }

        if (Member(schema, "enum", JsonValueKind.Array) is not { } choices || IsNullAllowed(value, schema)
            || choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(value, choice)))
        {
            return null;
        }

        return $"{Subject(path)} must be one of {string.Join(", ", choices.EnumerateArray().Select(choice => choice.GetRawText()))}.";
    }

    /// <summary>OpenAPI's way to say it; the list of choices need not have it.</summary>
    private static bool IsNullAllowed(JsonElement value, JsonElement schema) =>
        value.ValueKind is JsonValueKind.Null && schema.TryGetProperty("nullable", out var nullable)
            && nullable.ValueKind is JsonValueKind.True;

    private static string? CheckAlternatives(JsonElement value, JsonElement schema, JsonElement root, string path, int depth)
    {
        if (Member(schema, "allOf", JsonValueKind.Array) is { } all)
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
        if ((Member(schema, "anyOf", JsonValueKind.Array) ?? Member(schema, "oneOf", JsonValueKind.Array)) is { } alternatives
            && !IsNullAllowed(value, schema))
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
        if (Member(schema, "required", JsonValueKind.Array) is { } required)
        {
            foreach (var one in required.EnumerateArray())
            {
                if (one.ValueKind is JsonValueKind.String && one.GetString()! is var name && !value.TryGetProperty(name, out _))
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

    private static string? CheckUnknown(JsonProperty property, JsonElement schema, JsonElement known, JsonElement root, string path,
        int depth)
    {
        if (PatternSchemaOf(property.Name, schema) is { } fitting)
        {
            return Check(property.Value, fitting, root, Join(path, property.Name), depth + 1);
        }

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

    private static bool IsMatch(string pattern, string name)
    {
        try
        {
            return Regex.IsMatch(name, pattern, RegexOptions.ECMAScript, PatternTimeout);
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            // Written for another engine, or without end: let through, as what can't be checked.
            return true;
        }
    }
}
