using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Schemas;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>A tool as its server lists it, read member by member: what is odd in one costs at most this one.</summary>
/// <param name="Name">As the server calls it.</param>
/// <param name="Description">For the model.</param>
/// <param name="Schema">Of its arguments.</param>
/// <param name="InputSchema">The same as it came.</param>
internal sealed record ListedTool(string Name, string Description, ToolSchema Schema, JsonElement InputSchema)
{
    public bool IsReadOnly { get; private init; }

    public bool IsIdempotent { get; private init; }

    /// <summary>Reads one item of a list.</summary>
    /// <param name="item">As it came.</param>
    /// <param name="tool">The tool; null where it can't be used.</param>
    /// <param name="name">What to call it where it can't, empty if it has no name.</param>
    /// <returns>Why it can't be used; null: it can.</returns>
    public static string? Read(JsonElement item, out ListedTool? tool, out string name)
    {
        tool = null;
        name = Text(item, "name") ?? "";
        if (item.ValueKind is not JsonValueKind.Object)
        {
            return $"The server lists {JsonWords.KindOf(item)} in the place of a tool.";
        }

        if (name.Length == 0)
        {
            return "It has no name.";
        }

        if (JsonSchemaCheck.Member(item, "execution", JsonValueKind.Object) is { } execution
            && Text(execution, "taskSupport") == "required")
        {
            return "Its server runs it as a task only, which AgentStream does not do.";
        }

        var annotations = JsonSchemaCheck.Member(item, "annotations", JsonValueKind.Object) ?? default;
        var input = item.TryGetProperty("inputSchema", out var schema) ? schema : default;
        // Hints are claims of the server: without one, or where two of them contradict each other, the careful answer holds.
        var readOnly = Says(annotations, "readOnlyHint") && !Says(annotations, "destructiveHint");
        tool = new ListedTool(name, Text(item, "description") ?? Text(item, "title") ?? Text(annotations, "title")
            ?? name, ToolSchema.Of(input), input)
        {
            IsReadOnly = readOnly,
            IsIdempotent = readOnly || Says(annotations, "idempotentHint"),
        };
        return null;
    }

    private static bool Says(JsonElement annotations, string hint) =>
        JsonSchemaCheck.Member(annotations, hint, JsonValueKind.True) is not null;

    private static string? Text(JsonElement item, string member) =>
        JsonSchemaCheck.Member(item, member, JsonValueKind.String)?.GetString() is { Length: > 0 } text && !string.IsNullOrWhiteSpace(text)
            ? text : null;
}
