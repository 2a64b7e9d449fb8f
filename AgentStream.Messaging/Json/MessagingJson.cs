using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Json;

/// <summary>The one source-generated context of the protocol: snake_case, null optionals left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = MessagingJson.MaxDepth,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(RunQueued))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(StepSuperseded))]
[JsonSerializable(typeof(StepDelta))]
[JsonSerializable(typeof(ReasoningStep))]
[JsonSerializable(typeof(ToolApprovalRequired))]
[JsonSerializable(typeof(ToolApprovalResolved))]
[JsonSerializable(typeof(MessageSteered))]
[JsonSerializable(typeof(CancelRequested))]
[JsonSerializable(typeof(UsageReported))]
[JsonSerializable(typeof(RunFinished))]
[JsonSerializable(typeof(Connected))]
[JsonSerializable(typeof(SnapshotData))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(StatusChanged))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(ErrorNotice))]
[JsonSerializable(typeof(ChatPayload))]
[JsonSerializable(typeof(CancelPayload))]
[JsonSerializable(typeof(ToolApprovalPayload))]
[JsonSerializable(typeof(ToolResultPayload))]
[JsonSerializable(typeof(TranscriptMessage))]
[JsonSerializable(typeof(RunRequest))]
internal sealed partial class MessagingJson : JsonSerializerContext
{
    /// <summary>
    /// The depth to which JSON that we wrote ourselves may be nested.
    /// A model's arguments alone may be 64 deep, and a transcript puts them further down: what can be written must be readable.
    /// </summary>
    public const int MaxDepth = 128;

    /// <summary>Frames are not HTML, so only what JSON itself demands is escaped: two bytes for an umlaut, not six.</summary>
    public static MessagingJson Wire => WireHolder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class WireHolder
    {
        public static readonly MessagingJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
