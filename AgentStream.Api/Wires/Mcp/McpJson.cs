using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Api.Wires.JsonRpc;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>The source-generated context of MCP: camelCase, and nothing that is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RpcMessage))]
[JsonSerializable(typeof(RpcAnswer))]
[JsonSerializable(typeof(RpcCall))]
[JsonSerializable(typeof(McpNothing))]
[JsonSerializable(typeof(McpInitialized))]
[JsonSerializable(typeof(McpDiscovered))]
[JsonSerializable(typeof(McpTools))]
[JsonSerializable(typeof(McpToolResult))]
[JsonSerializable(typeof(McpInputRequired))]
[JsonSerializable(typeof(McpTask))]
[JsonSerializable(typeof(McpProgress))]
[JsonSerializable(typeof(McpElicit))]
[JsonSerializable(typeof(McpUnsupported))]
[JsonSerializable(typeof(McpErrorCode))]
internal sealed partial class McpJson : JsonSerializerContext
{
    /// <summary>Messages are not HTML, so only what JSON itself demands is escaped.</summary>
    public static McpJson Wire => Holder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class Holder
    {
        public static readonly McpJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
