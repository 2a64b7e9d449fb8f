using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Json;

/// <summary>Writes an identifier as the string it is, and refuses what its own rules refuse.</summary>
internal sealed class ParsableStringConverter<T> : JsonConverter<T>
    where T : struct, IParsable<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String && T.TryParse(reader.GetString(), null, out var value)
            ? value
            : throw new JsonException($"not a valid {typeof(T).Name}");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        => writer.WriteStringValue(value.ToString());
}
