using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>The model of an update, where it may be another than the one that was asked first.</summary>
internal static class AnsweringModel
{
    private const string Property = "answering_model";

    public static void Mark(ChatResponseUpdate update, string displayName) => (update.AdditionalProperties ??= [])[Property] = displayName;

    /// <summary>Its display name; null: the one that was asked.</summary>
    public static string? Of(ChatResponseUpdate update) =>
        update.AdditionalProperties?.TryGetValue(Property, out string? name) == true ? name : null;
}
