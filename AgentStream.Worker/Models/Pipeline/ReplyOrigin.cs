using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// Whose content this is: provider and model.
/// What a model wants back goes to no other, and its ids of calls may be too long for others.
/// </summary>
internal static class ReplyOrigin
{
    private const string Property = "origin";

    /// <param name="content">A part of a reply.</param>
    /// <param name="origin">Provider and model; <c>null</c>: not known.</param>
    public static T Mark<T>(T content, string? origin)
        where T : AIContent
    {
        if (origin is not null)
        {
            (content.AdditionalProperties ??= [])[Property] = origin;
        }

        return content;
    }

    /// <summary>Provider and model; <c>null</c>: not known.</summary>
    public static string? Of(AIContent content) => content.AdditionalProperties?.TryGetValue(Property, out string? origin) == true ? origin
        : null;
}
