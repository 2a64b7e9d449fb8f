using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>JSON for models: compact, and text as text rather than as escapes, which cost tokens.</summary>
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class ToolJsonContext : JsonSerializerContext
{
    /// <summary>The same types with the relaxed encoder; not for HTML.</summary>
    public static ToolJsonContext Relaxed { get; } =
        new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
