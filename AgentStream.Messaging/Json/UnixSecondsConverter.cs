using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Json;

/// <summary>Times are Unix seconds with fractions on the wire, to the microsecond.</summary>
internal sealed class UnixSecondsConverter : JsonConverter<DateTimeOffset>
{
    private const decimal Earliest = -62_135_596_800;
    private const decimal Latest = 253_402_300_799;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out var seconds)
            ? ToTime(seconds)
            : throw new JsonException("not a time");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        => writer.WriteNumberValue(decimal.Round((decimal)(value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond, 6));

    /// <exception cref="JsonException">There is no such time.</exception>
    internal static DateTimeOffset ToTime(decimal seconds)
        => seconds is >= Earliest and <= Latest
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : throw new JsonException("not a time");
}
