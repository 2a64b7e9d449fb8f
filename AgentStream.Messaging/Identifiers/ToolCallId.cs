using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>Names one tool call of a run; ours, not the model’s, whose ids repeat.</summary>
/// <remarks>1 to 128 of A-Z a-z 0-9 _ - An identifier from the wire is a key to look something up, never a permission.</remarks>
[JsonConverter(typeof(ParsableStringConverter<ToolCallId>))]
public readonly record struct ToolCallId : IParsable<ToolCallId>
{
    private readonly string? _value;

    private ToolCallId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>
    /// Makes the identifier of a call: the <paramref name="index"/>th of the reply of <paramref name="iteration"/>.
    /// The same call has the same id in each attempt.
    /// </summary>
    public static ToolCallId Create(RunId run, int iteration, int index) => new($"{run}-call-{iteration}-{index}");

    /// <summary>Makes the identifier of a call that is made inside another call, by the agent that does it.</summary>
    public static ToolCallId Create(ToolCallId parent, int iteration, int index) => new($"{parent}-{iteration}-{index}");

    /// <inheritdoc />
    public static ToolCallId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a ToolCallId: 1 to 128 of A-Z a-z 0-9 _ -");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ToolCallId result)
    {
        var valid = IdentifierRules.IsToken(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out ToolCallId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out ToolCallId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
