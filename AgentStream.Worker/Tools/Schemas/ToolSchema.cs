using System.Text.Json;

namespace AgentStream.Worker.Tools.Schemas;

/// <summary>The schema of a tool's arguments, as its author has it and as model providers take it.</summary>
/// <param name="Shown">What the model gets: an object schema without what a provider refuses.</param>
/// <param name="Own">What the arguments are checked against.</param>
/// <param name="Names">The tool's own names of arguments that are shown under another, by the shown one.</param>
/// <param name="Note">What the shown schema can't say, as text for the tool's description; null: nothing.</param>
internal sealed record ToolSchema(JsonElement Shown, JsonElement Own, IReadOnlyDictionary<string, string> Names, string? Note)
{
    /// <summary>Rewrites a schema as it came from somebody else, whatever it is.</summary>
    public static ToolSchema Of(JsonElement schema) => new SchemaRewriter(schema).Rewrite();
}
