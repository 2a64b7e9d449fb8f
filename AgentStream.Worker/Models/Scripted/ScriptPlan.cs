using System.Text.Json;

namespace AgentStream.Worker.Models.Scripted;

/// <summary>The plan that the scripted model plays: the format is described in docs/scripted-model.md.</summary>
internal sealed record ScriptPlan
{
    /// <summary>Tried in order; the first whose <see cref="Script.When"/> fits the last message of the user is played.</summary>
    public IReadOnlyList<Script> Scripts { get; init; } = [];

    /// <exception cref="JsonException">The text is no plan.</exception>
    public static ScriptPlan Parse(string json) =>
        JsonSerializer.Deserialize(json, ScriptJsonContext.Default.ScriptPlan) ?? throw new JsonException("The plan is null.");
}
