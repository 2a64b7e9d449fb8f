using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Client.Wire;

/// <summary>Times are Unix seconds with fractions: <c>1700000000.123456</c>.</summary>
internal sealed class UnixSecondsConverter : JsonConverter<DateTimeOffset>
{
    public static DateTimeOffset ToTime(decimal seconds)
        => DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => ToTime(reader.GetDecimal());

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        => writer.WriteNumberValue((decimal)(value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond);
}
