using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Api.Wires.JsonRpc;

namespace AgentStream.Api.Wires.A2A;

/// <summary>The source-generated context of A2A: camelCase, and nothing that is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RpcMessage))]
[JsonSerializable(typeof(RpcAnswer))]
[JsonSerializable(typeof(A2ACard))]
[JsonSerializable(typeof(A2AUpdate))]
[JsonSerializable(typeof(A2ATask))]
[JsonSerializable(typeof(A2ACall))]
[JsonSerializable(typeof(IReadOnlyList<A2AErrorInfo>))]
internal sealed partial class A2AJson : JsonSerializerContext
{
    /// <summary>Messages are not HTML, so only what JSON itself demands is escaped.</summary>
    public static A2AJson Wire => Holder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class Holder
    {
        public static readonly A2AJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
