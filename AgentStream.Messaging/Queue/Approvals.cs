using System.Text.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Queue;

/// <summary>A run's last write before it waits for people: what it asks, and how it stands.</summary>
internal sealed record RunPark
{
    /// <summary>The write itself; among the events is at least one <see cref="ToolApprovalRequired"/>.</summary>
    public required RunAppend Append { get; init; }

    /// <summary>The end of the run if somebody cancels it while it waits: the store writes it then, since no worker has the run.</summary>
    public required RunFinished IfCancelled { get; init; }
}

/// <summary>A person's answer to a tool call that waits.</summary>
internal sealed record ApprovalAnswer
{
    public required SessionId SessionId { get; init; }

    public required RunId RunId { get; init; }

    public required ToolCallId ToolCallId { get; init; }

    public required bool Approved { get; init; }

    /// <summary>The one that answers.</summary>
    public required string By { get; init; }

    /// <summary>Whose the session has to be, decided in the write itself; <c>null</c>: whosever it is.</summary>
    public PrincipalId? Owner { get; init; }

    /// <summary>The arguments as the person edited them; <c>null</c>: as they were asked for. Means nothing in a refusal.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The reason; the model is told.</summary>
    public string? Reason { get; init; }

    /// <summary>What came of a call that its caller executes, which counts as approved; <c>null</c>: it answers another kind of call, or
    /// refuses this one.</summary>
    public string? Result { get; init; }

    /// <summary>The caller says that the call failed.</summary>
    public bool? IsError { get; init; }
}

/// <summary>The outcome of an answer.</summary>
internal enum AnswerStatus
{
    /// <summary>It is the one that counts.</summary>
    Accepted,

    /// <summary>Somebody was faster, or the time to answer was over; see <see cref="AnswerResult.Decision"/>.</summary>
    AlreadyResolved,

    /// <summary>The run never asked about such a call, or is over.</summary>
    NotFound,

    /// <summary>A result for a call that wants leave, or leave for one whose caller executes it.</summary>
    WrongKind,
}

/// <summary>The answer to an answer.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Decision">What counts; <c>null</c> where nothing was asked.</param>
internal sealed record AnswerResult(AnswerStatus Status, ToolApprovalResolved? Decision);

/// <summary>The decisions that the store itself makes about open approvals.</summary>
internal static class Resolutions
{
    /// <summary>Nobody answered in time.</summary>
    public static ToolApprovalResolved Expired(ToolCallId toolCallId) => new()
    {
        ToolCallId = toolCallId,
        Approved = false,
        By = ToolApprovalResolved.ByExpiry,
        Expired = true,
        Reason = "Nobody answered in time.",
    };

    /// <summary>The run was cancelled while it waited: nobody can answer any more.</summary>
    public static ToolApprovalResolved Cancelled(ToolCallId toolCallId, string by) => new()
    {
        ToolCallId = toolCallId,
        Approved = false,
        By = by,
        Reason = "The run was cancelled.",
    };

    /// <param name="answer">What the person said.</param>
    /// <param name="asked">The arguments that the run asked for.</param>
    public static ToolApprovalResolved Of(ApprovalAnswer answer, JsonElement? asked) => new()
    {
        ToolCallId = answer.ToolCallId,
        Approved = answer.Approved,
        By = answer.By,
        Arguments = answer is { Approved: true, Result: null } ? answer.Arguments ?? asked : null,
        Edited = answer is { Approved: true, Arguments: not null } ? true : null,
        Reason = answer.Reason,
        Result = answer.Result,
        IsError = answer.IsError,
    };

    /// <summary>The questions in a run's last write before it waits.</summary>
    /// <exception cref="ArgumentException">There are none, or the write has no business being one of a run that waits.</exception>
    public static void Check(RunPark park)
    {
        ArgumentNullException.ThrowIfNull(park);
        if (!park.Append.Events.Any(e => e is ToolApprovalRequired))
        {
            throw new ArgumentException("A run that asks nothing has nothing to wait for.", nameof(park));
        }

        if (park.IfCancelled.Status != RunStatus.Cancelled)
        {
            throw new ArgumentException("A run that is cancelled ends as cancelled.", nameof(park));
        }
    }
}
