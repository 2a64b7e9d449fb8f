using System.Globalization;
using System.Text.Json;

namespace AgentStream.Conformance.Wire;

/// <summary>The fields of frames.</summary>
internal static class JsonFields
{
    public static string? Type(this JsonElement frame) => frame.TryGetProperty("type", out var type) ? type.GetString() : null;

    public static JsonElement Data(this JsonElement frame, string name) => frame.GetProperty("data").GetProperty(name);

    public static string? Text(this JsonElement value, string name)
        => value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    public static long Seq(this JsonElement frame) => frame.GetProperty("seq").GetInt64();

    /// <summary>The first offset that a frame stands for.</summary>
    public static long FirstSeq(this JsonElement frame)
        => frame.TryGetProperty("first_seq", out var first) ? first.GetInt64() : frame.Seq();

    /// <summary>
    /// A text that is the same for values that are the same: the order of fields means nothing, nor do zeros at the end of a number.
    /// </summary>
    public static string Canonical(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', value.EnumerateObject()
            .OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => $"\"{field.Name}\":{field.Value.Canonical()}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', value.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        JsonValueKind.Number => value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
