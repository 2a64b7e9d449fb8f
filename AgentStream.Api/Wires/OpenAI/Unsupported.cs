using System.Text.Json;
using AgentStream.Api.Commands;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>
/// Fields that ask for something that an agent can't give.
/// They are refused, not ignored: the caller would take the answer for what it is not.
/// </summary>
internal static class Unsupported
{
    /// <summary>A shape that the answer shall have.</summary>
    /// <param name="format">An object with a type.</param>
    /// <param name="param">Its name.</param>
    public static Refusal? Format(JsonElement? format, string param)
        => format is not { ValueKind: JsonValueKind.Object } given || (given.TryGetProperty("type"u8, out var type) && Text(type) == "text")
            ? null
            : OpenAIError.Of($"An agent answers in text, in no other shape: leave {param} out.", param);

    /// <summary>Something that has no meaning for an agent.</summary>
    public static Refusal? Any(JsonElement? value, string param)
        => IsEmpty(value) ? null : OpenAIError.Of($"{param} is not taken by agents: leave it out.", param);

    /// <summary>Whether a field has nothing in it.</summary>
    public static bool IsEmpty(JsonElement? value) => value switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => true,
        { ValueKind: JsonValueKind.Array } array => array.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>A text; <c>null</c>: it is anything else.</summary>
    public static string? Text(JsonElement? value) => value is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
