using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AgentStream.Worker.Models.Wire;

[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
