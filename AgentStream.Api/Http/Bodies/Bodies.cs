using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Http.Bodies;

/// <summary>A message was taken; its run goes on by itself.</summary>
internal sealed record MessageAccepted
{
    public required SessionId SessionId { get; init; }

    public required MessageId MessageId { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>The offset of the run's <c>run_queued</c>.</summary>
    public required Offset Seq { get; init; }

    /// <summary>The message had been taken before; nothing was started by this request.</summary>
    public required bool Duplicate { get; init; }
}

/// <summary>A run that is over, with all that it said: the classic, non-streaming answer.</summary>
internal sealed record MessageAnswer
{
    public required SessionId SessionId { get; init; }

    public required MessageId MessageId { get; init; }

    public required RunId RunId { get; init; }

    public required Offset Seq { get; init; }

    public required bool Duplicate { get; init; }

    /// <summary>The end of the run: <c>completed</c>, <c>failed</c> or <c>cancelled</c>. Look here first.</summary>
    public required MessageStatus Status { get; init; }

    public required string AgentName { get; init; }

    public string? Model { get; init; }

    /// <summary>
    /// The final answer; missing where there is none. What a cancelled run had said so far is in the steps, marked <c>cut_off</c>.
    /// </summary>
    public string? Answer { get; init; }

    public required IReadOnlyList<ReasoningStep> Steps { get; init; }

    public string? Error { get; init; }

    public string? ErrorCode { get; init; }

    public TokenUsage? Usage { get; init; }

    public double? DurationMs { get; init; }

    public int? Iterations { get; init; }

    /// <summary>The run that took the message up while this one waited for its turn: the answer is that one's.</summary>
    public RunId? SteeredRunId { get; init; }

    public string? TraceId { get; init; }
}

/// <summary>A cancel that was taken.</summary>
internal sealed record CancelAnswer
{
    public required RunId RunId { get; init; }

    /// <summary><c>cancelled</c>: it waited and is over. <c>requested</c>: it is under way and will end as cancelled.</summary>
    public required string Status { get; init; }

    public static CancelAnswer From(Commands.Cancelled cancelled) => new()
    {
        RunId = cancelled.RunId,
        Status = cancelled.Status == CancelStatus.Cancelled ? "cancelled" : "requested",
    };
}

/// <summary>A page of the list of sessions.</summary>
internal sealed record SessionList
{
    public required IReadOnlyList<SessionSummary> Sessions { get; init; }

    /// <summary>The <c>page_token</c> of the next page; missing on the last.</summary>
    public string? Next { get; init; }
}

/// <summary>A page of a session's transcript, oldest message first.</summary>
internal sealed record SessionTranscript
{
    public required SessionId SessionId { get; init; }

    public required Epoch Epoch { get; init; }

    public required Offset LastSeq { get; init; }

    public required Offset TrimmedThrough { get; init; }

    public string? Title { get; init; }

    public required IReadOnlyList<TranscriptMessage> Messages { get; init; }

    /// <summary>There are older messages: ask with <c>before</c> set to the <c>seq</c> of the first message.</summary>
    public required bool HasMore { get; init; }

    /// <summary>Of all runs of the session together; missing where none was counted yet.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The run under way, with the tool calls that wait for a person; missing where there is none.</summary>
    public ActiveRun? ActiveRun { get; init; }
}

/// <summary>The title of a session.</summary>
internal sealed record SessionTitle
{
    public required SessionId SessionId { get; init; }

    public required string Title { get; init; }
}

/// <summary>The body of a rename.</summary>
internal sealed record RenameBody
{
    /// <summary>1 to 200 characters.</summary>
    public string? Title { get; init; }
}

/// <summary>The body of an answer to a tool call that waits for a person.</summary>
internal sealed record ApprovalBody
{
    public bool? Approved { get; init; }

    public string? Reason { get; init; }

    /// <summary>The arguments as a person edited them.</summary>
    public JsonElement? Arguments { get; init; }
}

/// <summary>The body of the result of a tool call that its caller executes.</summary>
internal sealed record ToolResultBody
{
    /// <summary>The text that the model reads.</summary>
    public string? Result { get; init; }

    /// <summary>The call failed, and the result says how.</summary>
    public bool? IsError { get; init; }
}
