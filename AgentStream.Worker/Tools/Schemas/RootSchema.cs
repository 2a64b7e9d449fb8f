using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;

namespace AgentStream.Worker.Tools.Schemas;

/// <summary>
/// What a tool's schema says of its arguments, wherever it says it: providers take <c>type</c>, <c>properties</c> and <c>required</c> at
/// the root, and no <c>$ref</c>, <c>anyOf</c>,
/// <c>oneOf</c>, <c>allOf</c>, <c>not</c> or <c>enum</c>. Alternatives are put together, what all of them demand stays demanded, and which
/// go together becomes a note.
/// </summary>
internal sealed class RootSchema
{
    private const int MaxDepth = 8;
    private const int MaxNote = 600;

    // Keywords that can't be put together: said in words of JSON.
    private static readonly string[] Others = ["not", "enum", "const", "if", "then", "else", "dependentRequired", "dependentSchemas",
        "dependencies", "propertyNames", "minProperties"];

    private readonly JsonElement _root;
    private readonly Func<string, string> _shownName;

    /// <param name="root">The whole schema, an object.</param>
    /// <param name="shownName">How the model calls an argument.</param>
    public RootSchema(JsonElement root, Func<string, string> shownName)
    {
        _root = root;
        _shownName = shownName;
        Collect(root, isDemanded: true, 0);
    }

    /// <summary>The schemas of each argument, in the order in which they are named. More than one: the alternatives differ.</summary>
    public OrderedDictionary<string, List<JsonElement>> Properties { get; } = [];

    public List<string> Required { get; } = [];

    public List<string> Notes { get; } = [];

    /// <summary>The schema of what may be beside the named arguments, where the schema says so in one place only.</summary>
    public JsonElement? Additional { get; private set; }

    private void Collect(JsonElement schema, bool isDemanded, int depth)
    {
        if (schema.ValueKind is not JsonValueKind.Object || depth > MaxDepth)
        {
            return;
        }

        if (schema.TryGetProperty("$ref", out var reference) && JsonSchemaCheck.Resolve(_root, reference) is { } target)
        {
            Collect(target, isDemanded, depth + 1);
        }

        if (JsonSchemaCheck.Member(schema, "properties", JsonValueKind.Object) is { } properties)
        {
            foreach (var property in properties.EnumerateObject())
            {
                Add(property.Name, property.Value, isDemanded);
            }
        }

        if (isDemanded)
        {
            Demand(RequiredOf(schema));
        }

        if (schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind is not JsonValueKind.Null)
        {
            Additional = Additional is null || JsonElement.DeepEquals(Additional.Value, additional) ? additional
                : JsonElement.Parse("true");
        }

        foreach (var part in Items(schema, "allOf"))
        {
            Collect(part, isDemanded, depth + 1);
        }

        CollectAlternatives(schema, "anyOf", isDemanded, depth);
        CollectAlternatives(schema, "oneOf", isDemanded, depth);
        foreach (var keyword in new[] { "then", "else" })
        {
            if (schema.TryGetProperty(keyword, out var part))
            {
                Collect(part, isDemanded: false, depth + 1);
            }
        }

        CollectOthers(schema);
    }

    private void CollectAlternatives(JsonElement schema, string keyword, bool isDemanded, int depth)
    {
        List<JsonElement> alternatives = [.. Items(schema, keyword).Select(Resolved).Where(IsOfAnObject)];
        foreach (var alternative in alternatives)
        {
            Collect(alternative, isDemanded: false, depth + 1);
        }

        if (alternatives.Count == 0 || !isDemanded)
        {
            return;
        }

        Demand(alternatives.Select(RequiredOf).Aggregate((all, next) => [.. all.Intersect(next)]));
        if (alternatives.Count > 1)
        {
            var sets = alternatives.Select(SetOf).Where(set => set.Length > 0).Distinct().ToList();
            if (sets.Count > 1)
            {
                var many = keyword == "oneOf" ? "exactly" : "at least";
                Notes.Add($"Give {many} one of these sets of arguments: {string.Join(" or ", sets)}.");
            }
        }
    }

    private void CollectOthers(JsonElement schema)
    {
        List<string> said = [.. schema.EnumerateObject()
            .Where(member => Others.Contains(member.Name) && member.Value.ValueKind is not JsonValueKind.Null)
            .Select(member => $"\"{member.Name}\":{JsonSerializer.Serialize(member.Value, ToolJsonContext.Relaxed.JsonElement)}")];
        if (said.Count > 0)
        {
            Notes.Add($"The arguments must also fit this JSON Schema: {Output.CutText.Of($"{{{string.Join(',', said)}}}", MaxNote)}");
        }
    }

    private void Add(string name, JsonElement schema, bool isDemanded)
    {
        if (!Properties.TryGetValue(name, out var known))
        {
            Properties[name] = known = [];
        }

        if (!known.Exists(one => JsonElement.DeepEquals(one, schema)))
        {
            known.Add(schema);
        }

        // Draft 3 says it at the property.
        if (isDemanded && JsonSchemaCheck.Member(schema, "required", JsonValueKind.True) is not null)
        {
            Demand([name]);
        }
    }

    private void Demand(IEnumerable<string> names) => Required.AddRange(names.Except(Required).ToList());

    private JsonElement Resolved(JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference)
            ? JsonSchemaCheck.Resolve(_root, reference) ?? schema : schema;

    private static bool IsOfAnObject(JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object && JsonSchemaCheck.TypesOf(schema) is var types
            && (types.Count == 0 || types.Contains("object"));

    /// <summary>One alternative in words: its arguments, with the value that each must have where there is but one.</summary>
    private string SetOf(JsonElement alternative)
    {
        var known = JsonSchemaCheck.Member(alternative, "properties", JsonValueKind.Object);
        List<string> names = RequiredOf(alternative);
        if (names.Count == 0 && known is { } all)
        {
            names = [.. all.EnumerateObject().Select(property => property.Name)];
        }

        return names.Count == 0 ? "" : $"({string.Join(", ", names.Select(Said))})";

        string Said(string name) => known is { } one && one.TryGetProperty(name, out var schema) && OnlyValueOf(schema) is { } value
            ? $"{_shownName(name)} = {value}"
            : _shownName(name);
    }

    private static string? OnlyValueOf(JsonElement schema)
    {
        if (schema.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        return schema.TryGetProperty("const", out var value) ? value.GetRawText()
            : JsonSchemaCheck.Member(schema, "enum", JsonValueKind.Array) is { } choices && choices.GetArrayLength() == 1
                ? choices[0].GetRawText() : null;
    }

    private static List<string> RequiredOf(JsonElement schema) =>
        [.. Items(schema, "required").Where(name => name.ValueKind is JsonValueKind.String).Select(name => name.GetString()!).Distinct()];

    private static JsonElement.ArrayEnumerator Items(JsonElement schema, string keyword) =>
        JsonSchemaCheck.Member(schema, keyword, JsonValueKind.Array)?.EnumerateArray() ?? default;
}
