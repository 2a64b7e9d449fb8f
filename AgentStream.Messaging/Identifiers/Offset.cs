using System.Globalization;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging;

/// <summary>A position in a session's log: contiguous integers from 1; 0 stands before the first entry.</summary>
/// <param name="Value">The position, never negative.</param>
[JsonConverter(typeof(OffsetConverter))]
public readonly record struct Offset(long Value) : IComparable<Offset>, IParsable<Offset>
{
    /// <summary>Before the first entry: who has this has seen nothing.</summary>
    public static Offset Start => default;

    /// <summary>The position right after this one.</summary>
    public Offset Next => new(Value + 1);

    public static bool operator <(Offset left, Offset right) => left.Value < right.Value;

    public static bool operator >(Offset left, Offset right) => left.Value > right.Value;

    public static bool operator <=(Offset left, Offset right) => left.Value <= right.Value;

    public static bool operator >=(Offset left, Offset right) => left.Value >= right.Value;

    /// <inheritdoc />
    public static Offset Parse(string s, IFormatProvider? provider = null)
        => TryParse(s, provider, out var result) ? result : throw new FormatException($"'{s}' is not an offset: a whole number from 0");

    /// <inheritdoc />
    public static bool TryParse(string? s, IFormatProvider? provider, out Offset result)
    {
        var valid = long.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        result = valid ? new(value) : default;
        return valid;
    }

    /// <inheritdoc />
    public int CompareTo(Offset other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
