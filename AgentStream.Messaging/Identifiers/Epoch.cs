using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>One life of a session’s log. Offsets of another epoch mean nothing.</summary>
/// <remarks>1 to 128 of A-Z a-z 0-9 _ - An identifier from the wire is a key to look something up, never a permission.</remarks>
[JsonConverter(typeof(ParsableStringConverter<Epoch>))]
internal readonly record struct Epoch : IParsable<Epoch>
{
    private readonly string? _value;

    private Epoch(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Makes a new epoch.</summary>
    public static Epoch New() => new(Guid.NewGuid().ToString("n")[..12]);

    /// <inheritdoc />
    public static Epoch Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result) ? result : throw new FormatException($"'{s}' is not a Epoch: 1 to 128 of A-Z a-z 0-9 _ -");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Epoch result)
    {
        var valid = IdentifierRules.IsToken(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out Epoch)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out Epoch result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
