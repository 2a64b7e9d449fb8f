using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The form of a folded transcript and of the workers' agents in Redis.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TranscriptState))]
[JsonSerializable(typeof(IReadOnlyList<AgentDescription>))]
internal sealed partial class RedisJson : JsonSerializerContext
{
    public static RedisJson Stored => RedisHolder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class RedisHolder
    {
        public static readonly RedisJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
