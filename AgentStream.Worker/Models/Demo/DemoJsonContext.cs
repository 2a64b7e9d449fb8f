using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AgentStream.Worker.Models.Demo;

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class DemoJsonContext : JsonSerializerContext
{
    /// <summary>Text as text, not as escapes: people read these arguments.</summary>
    public static DemoJsonContext Relaxed { get; } =
        new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
