using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>Short names for what tests send.</summary>
internal static class Make
{
    public static readonly SessionId Session = SessionId.Parse("s1");

    public static RunRequest Request(string messageId =
        "m1", SessionId? session = null, OnBusy onBusy = OnBusy.Enqueue, string? message = null, RunId? replaces = null) => new()
        {
            SessionId = session ?? Session,
            RunId = RunId.New(),
            MessageId = MessageId.Parse(messageId),
            Owner = PrincipalId.Anonymous,
            Message = message ?? $"text of {messageId}",
            AgentName = "assistant",
            OnBusy = onBusy,
            ReplacesRunId = replaces,
        };

    public static RunAppend Append(RunLease lease, long sequence, params SessionEvent[] events)
        => new() { Lease = lease, Sequence = sequence, Events = events };

    public static RunStarted Started(int attempt = 1) => new() { AgentName = "assistant", Model = "scripted", Attempt = attempt };

    public static StepDelta Delta(RunLease lease, int step, string text)
        => new() { StepId = StepId.Create(lease.RunId, 1, step), StepType = DeltaType.Answer, Delta = text, Iteration = 1 };

    public static ReasoningStep Step(RunLease lease, int step, string text, StepType type = StepType.FinalAnswer) => new()
    {
        StepId = StepId.Create(lease.RunId, 1, step),
        StepType = type,
        Content = text,
        Iteration = 1,
        Timestamp = DateTimeOffset.UnixEpoch,
    };

    public static StepSuperseded Superseded(RunLease lease, params int[] steps)
        => new() { StepIds = [.. steps.Select(step => StepId.Create(lease.RunId, 1, step))], Reason = SupersededReason.AttemptLost };

    public static ToolApprovalRequired Question(RunLease lease, int number, DateTimeOffset expiresAt, string? arguments = null) => new()
    {
        ToolCallId = ToolCallId.Create(lease.RunId, 1, number),
        ToolName = "save_note",
        Arguments = arguments is null ? null : JsonElement.Parse(arguments),
        ExpiresAt = expiresAt,
    };

    public static RunPark Park(RunLease lease, long sequence, params SessionEvent[] events)
        => new()
        {
            Append = Append(lease, sequence, events) with { Checkpoint = Bytes("asked") },
            IfCancelled = Finished(RunStatus.Cancelled) with { Iterations = 1 },
        };

    public static ApprovalAnswer Answer(RunLease lease, ToolApprovalRequired question, bool approved = true, string by = "client")
        => new() { SessionId = lease.SessionId, RunId = lease.RunId, ToolCallId = question.ToolCallId, Approved = approved, By = by };

    public static RunFinished Finished(RunStatus status = RunStatus.Completed) => new() { Status = status };

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
