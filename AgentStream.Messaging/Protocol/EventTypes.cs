using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Messaging.Json;

namespace AgentStream.Messaging.Protocol;

/// <summary>The discriminators of everything that stands in a log, in one place.</summary>
internal static class EventTypes
{
    public const string RunQueued = "run_queued";
    public const string RunStarted = "run_started";
    public const string StepSuperseded = "step_superseded";
    public const string StepDelta = "step_delta";
    public const string ReasoningStep = "reasoning_step";
    public const string ToolApprovalRequired = "tool_approval_required";
    public const string ToolApprovalResolved = "tool_approval_resolved";
    public const string MessageSteered = "message_steered";
    public const string CancelRequested = "cancel_requested";
    public const string Usage = "usage";
    public const string RunFinished = "run_finished";

    internal static readonly FrozenDictionary<string, JsonTypeInfo> TypeInfos = new Dictionary<string, JsonTypeInfo>
    {
        [RunQueued] = MessagingJson.Wire.RunQueued,
        [RunStarted] = MessagingJson.Wire.RunStarted,
        [StepSuperseded] = MessagingJson.Wire.StepSuperseded,
        [StepDelta] = MessagingJson.Wire.StepDelta,
        [ReasoningStep] = MessagingJson.Wire.ReasoningStep,
        [ToolApprovalRequired] = MessagingJson.Wire.ToolApprovalRequired,
        [ToolApprovalResolved] = MessagingJson.Wire.ToolApprovalResolved,
        [MessageSteered] = MessagingJson.Wire.MessageSteered,
        [CancelRequested] = MessagingJson.Wire.CancelRequested,
        [Usage] = MessagingJson.Wire.UsageReported,
        [RunFinished] = MessagingJson.Wire.RunFinished,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
