using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Http.Bodies;

/// <summary>The source-generated context of what goes over HTTP, under the same rules as the frames.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(CancelAnswer))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionTranscript))]
[JsonSerializable(typeof(SessionTitle))]
[JsonSerializable(typeof(RenameBody))]
[JsonSerializable(typeof(ApprovalBody))]
[JsonSerializable(typeof(ToolResultBody))]
[JsonSerializable(typeof(LiveRunList))]
[JsonSerializable(typeof(OwnRunList))]
[JsonSerializable(typeof(Attachment))]
[JsonSerializable(typeof(AttachmentLimits))]
[JsonSerializable(typeof(LinkBody))]
[JsonSerializable(typeof(NewLink))]
[JsonSerializable(typeof(LinkList))]
[JsonSerializable(typeof(IReadOnlyList<AgentDescription>))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Answers are not HTML, so only what JSON itself demands is escaped.</summary>
    public static ApiJson Wire => HttpHolder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class HttpHolder
    {
        public static readonly ApiJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
