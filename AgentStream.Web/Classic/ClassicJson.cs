using System.Text.Json.Serialization;

namespace AgentStream.Web.Classic;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Transcript))]
[JsonSerializable(typeof(NewMessage))]
[JsonSerializable(typeof(IReadOnlyList<AgentInfo>))]
[JsonSerializable(typeof(ClassicProblem))]
internal sealed partial class ClassicJson : JsonSerializerContext;
