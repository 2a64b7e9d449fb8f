using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Worker.Models.Scripted;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(ScriptPlan))]
internal sealed partial class ScriptJsonContext : JsonSerializerContext;
