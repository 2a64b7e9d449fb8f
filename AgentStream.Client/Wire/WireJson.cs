using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Client.Wire;

/// <summary>All JSON of the protocol, generated: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunQueued))]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(ReasoningStep))]
[JsonSerializable(typeof(StepSuperseded))]
[JsonSerializable(typeof(ToolApprovalRequired))]
[JsonSerializable(typeof(ToolApprovalResolved))]
[JsonSerializable(typeof(MessageSteered))]
[JsonSerializable(typeof(CancelRequested))]
[JsonSerializable(typeof(UsageReported))]
[JsonSerializable(typeof(RunFinished))]
[JsonSerializable(typeof(SessionSnapshot))]
[JsonSerializable(typeof(MessageAccepted))]
[JsonSerializable(typeof(ConnectedNotice))]
[JsonSerializable(typeof(HeartbeatNotice))]
[JsonSerializable(typeof(StatusNotice))]
[JsonSerializable(typeof(ErrorNotice))]
[JsonSerializable(typeof(ChatFrame))]
[JsonSerializable(typeof(CancelFrame))]
[JsonSerializable(typeof(ApprovalFrame))]
[JsonSerializable(typeof(ApprovalPayload))]
[JsonSerializable(typeof(ToolResultFrame))]
[JsonSerializable(typeof(ToolResultPayload))]
[JsonSerializable(typeof(TitleBody))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(CancelBody))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(Transcript))]
[JsonSerializable(typeof(IReadOnlyList<AgentDescription>))]
[JsonSerializable(typeof(Attachment))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;
