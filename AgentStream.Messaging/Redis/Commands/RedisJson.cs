using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The form of what Redis keeps as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = MessagingJson.MaxDepth)]
[JsonSerializable(typeof(TranscriptState))]
[JsonSerializable(typeof(LedgerState))]
[JsonSerializable(typeof(RunProgress))]
[JsonSerializable(typeof(KnownRun))]
[JsonSerializable(typeof(IReadOnlyList<FormerEpoch>))]
[JsonSerializable(typeof(IReadOnlyList<AgentDescription>))]
[JsonSerializable(typeof(IReadOnlyList<OwnedRun>))]
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
