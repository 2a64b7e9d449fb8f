using System.Text.Json;

namespace AgentStream.Api.Wires.JsonRpc;

/// <summary>The id of the request that is being answered, for whoever refuses it.</summary>
internal static class RpcRequestId
{
    private static readonly object Key = new();

    public static void Set(HttpContext context, JsonElement? id) => context.Items[Key] = id;

    /// <summary>The id; <c>null</c>: it was not read.</summary>
    public static JsonElement? Of(HttpContext context) => context.Items.TryGetValue(Key, out var id) ? (JsonElement?)id : null;
}
