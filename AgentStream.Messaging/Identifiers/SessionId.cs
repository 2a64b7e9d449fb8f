using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>Names one session: one ordered log of what a person and an agent said and did.</summary>
/// <remarks>1 to 128 of A-Z a-z 0-9 _ - An identifier from the wire is a key to look something up, never a permission.</remarks>
[JsonConverter(typeof(ParsableStringConverter<SessionId>))]
public readonly record struct SessionId : IParsable<SessionId>
{
    private readonly string? _value;

    private SessionId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Makes a new identifier that nobody can guess.</summary>
    public static SessionId New() => new(Guid.CreateVersion7().ToString("n"));

    /// <inheritdoc />
    public static SessionId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a SessionId: 1 to 128 of A-Z a-z 0-9 _ -");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SessionId result)
    {
        var valid = IdentifierRules.IsToken(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out SessionId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out SessionId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
