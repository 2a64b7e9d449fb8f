using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>
/// The id that a client gives its message; unique in its session for the session’s life, so that sending twice starts nothing twice.
/// </summary>
/// <remarks>
/// 1 to 128 printable ASCII characters without spaces An identifier from the wire is a key to look something up, never a permission.
/// </remarks>
[JsonConverter(typeof(ParsableStringConverter<MessageId>))]
public readonly record struct MessageId : IParsable<MessageId>
{
    private readonly string? _value;

    private MessageId(string value) => _value = value;

    /// <summary>The identifier as it stands on the wire; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Makes an identifier for a message that came without one.</summary>
    public static MessageId New() => new(Guid.CreateVersion7().ToString("n"));

    /// <inheritdoc />
    public static MessageId Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result)
            ? result
            : throw new FormatException($"'{s}' is not a MessageId: 1 to 128 printable ASCII characters without spaces");

    /// <inheritdoc />
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MessageId result)
    {
        var valid = IdentifierRules.IsPrintable(s);
        result = valid ? new(s!) : default;
        return valid;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out MessageId)" />
    public static bool TryParse([NotNullWhen(true)] string? s, out MessageId result) => TryParse(s, null, out result);

    /// <inheritdoc />
    public override string ToString() => Value;
}
