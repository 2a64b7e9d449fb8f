using System.Text.Json;

namespace AgentStream.Api.Wires.JsonRpc;

/// <summary>Reads what may be missing or something else.</summary>
internal static class RpcFields
{
    /// <summary>A member of an object; <c>null</c>: it is not there, or is null, or this is no object.</summary>
    public static JsonElement? Member(this JsonElement? element, string name)
        => element is { ValueKind: JsonValueKind.Object } parent
            && parent.TryGetProperty(name, out var member)
            && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    /// <summary>A text; <c>null</c>: it is none.</summary>
    public static string? Text(this JsonElement? element)
        => element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>Whether it is an object.</summary>
    public static bool IsObject(this JsonElement? element) => element is { ValueKind: JsonValueKind.Object };
}
