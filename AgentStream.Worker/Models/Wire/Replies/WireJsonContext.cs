using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AgentStream.Worker.Models.Wire.Replies;

[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class WireJsonContext : JsonSerializerContext;
