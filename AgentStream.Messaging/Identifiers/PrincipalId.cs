using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>The owner of a session: opaque to the log.</summary>
/// <remarks>
/// 1 to 128 printable ASCII characters without spaces An identifier from the wire is a key to look something up, never a permission.
/// </remarks>
[JsonConverter(typeof(ParsableStringConverter<PrincipalId>))]
internal readonly record struct PrincipalId : IParsable<PrincipalId>
{
    private readonly string? _value;

    private PrincipalId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>The owner of every session while authentication is off.</summary>
    public static PrincipalId Anonymous { get; } = new("anonymous");

    /// <inheritdoc />
    public static PrincipalId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a PrincipalId: 1 to 128 printable ASCII characters without spaces");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PrincipalId result)
    {
        var valid = IdentifierRules.IsPrintable(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out PrincipalId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out PrincipalId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
