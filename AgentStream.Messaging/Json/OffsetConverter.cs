using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Json;

/// <summary>Offsets are plain numbers on the wire.</summary>
internal sealed class OffsetConverter : JsonConverter<Offset>
{
    public override Offset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TryGetInt64(out var value) && value >= 0 ? new(value) : throw new JsonException("not a valid offset");

    public override void Write(Utf8JsonWriter writer, Offset value, JsonSerializerOptions options)
        => writer.WriteNumberValue(value.Value);
}
