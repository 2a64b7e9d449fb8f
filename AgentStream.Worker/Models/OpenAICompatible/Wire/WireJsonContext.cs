using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
