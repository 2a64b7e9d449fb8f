using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>Reads the arguments of one tool: JSON text in, checked arguments or one sentence for the model out.</summary>
/// <param name="schema">What they must fit.</param>
/// <param name="names">The tool's own names of arguments that models know under another, by that one; null: none.</param>
internal sealed class ToolArgumentReader(JsonElement schema, IReadOnlyDictionary<string, string>? names = null)
{
    public bool TryParse(
        string? json, [NotNullWhen(true)] out AIFunctionArguments? arguments, [NotNullWhen(false)] out string? error)
    {
        arguments = null;
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "{}" : json);
            root = document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            error = $"The arguments are not valid JSON{Position(exception)}. Send one JSON object, for example {Example()}.";
            return false;
        }

        if (root.ValueKind is JsonValueKind.Null)
        {
            root = JsonElement.Parse("{}");
        }

        // Some write the object as a string, or as a list of one.
        if (ArgumentMending.TryUnwrap(root, JsonValueKind.Object, out var inner)
            || (root.ValueKind is JsonValueKind.Array && root.GetArrayLength() == 1 && (inner = root[0]).ValueKind is JsonValueKind.Object))
        {
            root = inner;
        }

        if (root.ValueKind is not JsonValueKind.Object)
        {
            error = $"The arguments must be one JSON object, not {JsonWords.KindOf(root)}. For example {Example()}.";
            return false;
        }

        if (!JsonCharacters.AreWhole(root))
        {
            error = "The arguments escape half of a character (a \\ud800 to \\udfff without its other half). Send whole characters.";
            return false;
        }

        root = Mended(Named(root));
        if (FindProblem(root) is { } problem)
        {
            error = problem;
            return false;
        }

        arguments = [];
        foreach (var property in root.EnumerateObject())
        {
            arguments[property.Name] = property.Value;
        }

        error = null;
        return true;
    }

    private JsonElement Named(JsonElement arguments)
    {
        if (names is not { Count: > 0 })
        {
            return arguments;
        }

        var named = new JsonObject();
        foreach (var property in arguments.EnumerateObject())
        {
            var own = names.GetValueOrDefault(property.Name);
            named[own is null || arguments.TryGetProperty(own, out _) ? property.Name : own] = JsonNode.Parse(property.Value.GetRawText());
        }

        return JsonSerializer.SerializeToElement(named, ToolJsonContext.Relaxed.JsonNode);
    }

    private JsonElement Mended(JsonElement arguments)
    {
        try
        {
            return ArgumentMending.Mend(arguments, schema) is { ValueKind: JsonValueKind.Object } mended ? mended : arguments;
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            return arguments;
        }
    }

    private string? FindProblem(JsonElement arguments)
    {
        try
        {
            return JsonSchemaCheck.FindError(arguments, schema);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            // A schema from elsewhere that is none ("type": 5) constrains nothing; the tool itself has the last word.
            return null;
        }
    }

    private static string Position(JsonException exception) =>
        exception is { LineNumber: { } line, BytePositionInLine: { } position } ? $" (line {line + 1}, byte {position + 1})" : "";

    private string Example()
    {
        var required = JsonSchemaCheck.Member(schema, "required", JsonValueKind.Array)?.EnumerateArray().Select(name => name.ToString())
            ?? [];
        return "{" + string.Join(", ", required.Select(name => $"\"{name}\": ...")) + "}";
    }
}
