using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>Names one run: one execution of an agent for one message.</summary>
/// <remarks>1 to 128 of A-Z a-z 0-9 _ - An identifier from the wire is a key to look something up, never a permission.</remarks>
[JsonConverter(typeof(ParsableStringConverter<RunId>))]
public readonly record struct RunId : IParsable<RunId>
{
    private readonly string? _value;

    private RunId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>
    /// Makes a new identifier.
    /// It begins with the millisecond, so that later ones mostly sort after earlier ones; those of one millisecond come in any order.
    /// What must know the order asks for the place in the log.
    /// </summary>
    public static RunId New() => new(Guid.CreateVersion7().ToString("n"));

    /// <inheritdoc />
    public static RunId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result) ? result : throw new FormatException($"'{s}' is not a RunId: 1 to 128 of A-Z a-z 0-9 _ -");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RunId result)
    {
        var valid = IdentifierRules.IsToken(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out RunId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out RunId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
