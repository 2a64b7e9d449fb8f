using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Commands;

/// <summary>Rules for tools that a caller brings along and executes itself.</summary>
internal static partial class ClientToolRules
{
    public const int MaxTools = 128;

    /// <summary>UTF-16 characters of all of them together, names, descriptions and schemas.</summary>
    public const int MaxCharacters = 100_000;

    /// <summary>UTF-16 characters of the result of one call.</summary>
    public const int MaxResultLength = 64_000;

    /// <summary>Says what is wrong with them, in a sentence; null: nothing.</summary>
    public static string? ProblemOf(IReadOnlyList<ClientTool>? tools)
    {
        if (tools is null)
        {
            return null;
        }

        if (tools.Count > MaxTools)
        {
            return $"tools has {tools.Count} tools; {MaxTools} are allowed.";
        }

        // A list may have null in it, whatever its type says.
        if (tools.Any(tool => tool?.Name is not { } name || !Name().IsMatch(name)))
        {
            return "tools takes objects with a name of 1 to 64 of the characters A-Z a-z 0-9 _ -";
        }

        if (tools.Any(tool => tool.Parameters is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) }))
        {
            return "parameters of a tool takes a JSON schema, an object.";
        }

        if (tools.DistinctBy(tool => tool.Name, StringComparer.Ordinal).Count() != tools.Count)
        {
            return "tools has two of the same name: rename one.";
        }

        var characters = tools.Sum(
            tool => tool.Name!.Length + (tool.Description?.Length ?? 0) + (tool.Parameters?.GetRawText().Length ?? 0));
        return characters > MaxCharacters
            ? $"tools has {characters} characters; {MaxCharacters} are allowed. Shorten their descriptions."
            : null;
    }

    /// <summary>The same tools, as they are kept; <c>null</c>: none.</summary>
    public static IReadOnlyList<ClientTool>? Kept(IReadOnlyList<ClientTool>? tools)
        => tools is { Count: > 0 }
            ? [.. tools.Select(tool => tool with
            {
                Parameters = tool.Parameters is { ValueKind: JsonValueKind.Object } schema ? schema.Clone() : null,
            })]
            : null;

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
