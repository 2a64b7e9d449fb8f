using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>Names one attachment of a session.</summary>
/// <remarks>1 to 128 of A-Z a-z 0-9 _ - An identifier from the wire is a key to look something up, never a permission.</remarks>
[JsonConverter(typeof(ParsableStringConverter<AttachmentId>))]
public readonly record struct AttachmentId : IParsable<AttachmentId>
{
    private readonly string? _value;

    private AttachmentId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Makes a new identifier that nobody can guess.</summary>
    public static AttachmentId New() => new(RandomNumberGenerator.GetHexString(32, lowercase: true));

    /// <inheritdoc />
    public static AttachmentId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not an AttachmentId: 1 to 128 of A-Z a-z 0-9 _ -");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AttachmentId result)
    {
        var valid = IdentifierRules.IsToken(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out AttachmentId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out AttachmentId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
