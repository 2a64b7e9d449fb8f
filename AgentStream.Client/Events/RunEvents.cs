using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>A message was taken and its run stands in the queue.</summary>
public sealed record RunQueued : LogEvent
{
    /// <summary>What the person asks.</summary>
    public required string Message { get; init; }

    /// <summary>The client's id of the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>The agent that was asked.</summary>
    public required string AgentName { get; init; }

    /// <summary>The number of runs that go before it; 0: it begins at once.</summary>
    public int Position { get; init; }

    /// <summary>Whether thoughts and tool steps of this run are written to the log.</summary>
    public bool EnableReasoning { get; init; } = true;

    /// <summary>The files that came with it.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>The run that this one stands in for.</summary>
    public string? ReplacesRunId { get; init; }

    /// <summary>The run under way that takes the message up at its next step, if it has one before this run's turn comes.</summary>
    public string? SteersRunId { get; init; }
}

/// <summary>A worker begins with the run, or goes on with it.</summary>
public sealed record RunStarted : LogEvent
{
    /// <summary>The agent.</summary>
    public required string AgentName { get; init; }

    /// <summary>The model that is asked.</summary>
    public required string Model { get; init; }

    /// <summary>Counts from 1; more after a worker was lost.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The trace of the run.</summary>
    public string? TraceId { get; init; }
}

/// <summary>A tool call waits for a person: answer with <see cref="AgentSession.AnswerApprovalAsync"/>.</summary>
public sealed record ToolApprovalRequired : LogEvent
{
    /// <summary>The call.</summary>
    public required string ToolCallId { get; init; }

    /// <summary>The tool.</summary>
    public required string ToolName { get; init; }

    /// <summary>What it is to be called with.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>The time at which it counts as refused.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>
    /// Whoever asked executes this call (<see cref="AskOptions.Tools"/>): what is wanted is not leave, but
    /// <see cref="AgentSession.GiveToolResultAsync"/>.
    /// </summary>
    [JsonPropertyName("client_tool")]
    public bool IsClientTool { get; init; }
}

/// <summary>The question about a tool call is over.</summary>
public sealed record ToolApprovalResolved : LogEvent
{
    /// <summary>The call.</summary>
    public required string ToolCallId { get; init; }

    /// <summary>Whether it may run.</summary>
    public required bool Approved { get; init; }

    /// <summary>Who answered; where nobody did, why it is over: <c>expiry</c>, <c>interrupt</c>.</summary>
    public string By { get; init; } = "";

    /// <summary>The final arguments, where it was approved.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>A person changed the arguments.</summary>
    public bool Edited { get; init; }

    /// <summary>Nobody answered in time.</summary>
    public bool Expired { get; init; }

    /// <summary>What the person gave as the reason.</summary>
    public string? Reason { get; init; }

    /// <summary>The result of a call that whoever asked has executed.</summary>
    public string? Result { get; init; }

    /// <summary>That call failed.</summary>
    public bool IsError { get; init; }
}

/// <summary>The run has taken up a message that came while it was under way: its agent reads it before its next reply.</summary>
public sealed record MessageSteered : LogEvent
{
    /// <summary>The run that the message would have had: it is over with this.</summary>
    public required string QueuedRunId { get; init; }

    /// <summary>The client's id of the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>What the person said.</summary>
    public required string Message { get; init; }

    /// <summary>The first reply of the model that knows of it.</summary>
    public int Iteration { get; init; }
}

/// <summary>The run will end as cancelled.</summary>
public sealed record CancelRequested : LogEvent
{
    /// <summary>Who asked: <c>client</c>, <c>interrupt</c>, <c>administrator</c>.</summary>
    public string? By { get; init; }
}

/// <summary>The tokens of one model reply.</summary>
public sealed record UsageReported : LogEvent
{
    /// <summary>The step whose reply it counts.</summary>
    public string? StepId { get; init; }

    /// <summary>The number of the reply, from 1.</summary>
    public int Iteration { get; init; }

    /// <summary>Tokens that the model read.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens that the model wrote.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Both together.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Those of the output that were thoughts.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>Those of the input that the provider had kept.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>The provider gave no figures; these are a guess by length.</summary>
    public bool Estimated { get; init; }

    /// <summary>Milliseconds until the first token of the reply.</summary>
    public double? TimeToFirstTokenMs { get; init; }

    /// <summary>The pace of the reply.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>The cost of the reply by the operator's prices, where there are any.</summary>
    public decimal? Cost { get; init; }
}

/// <summary>The one end of a run: nothing of it follows.</summary>
public sealed record RunFinished : LogEvent
{
    /// <summary><see cref="RunStatus.Completed"/>, <see cref="RunStatus.Failed"/> or <see cref="RunStatus.Cancelled"/>.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>A sentence for people, where it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The code of the error, for programs.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Milliseconds from its first start, without the time in which it waited for people.</summary>
    public double DurationMs { get; init; }

    /// <summary>The number of model replies.</summary>
    public int Iterations { get; init; }

    /// <summary>The tokens of the whole run.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The run that took the message up while this one waited for its turn: the answer is that one's.</summary>
    public string? SteeredRunId { get; init; }
}

/// <summary>Tokens of a run or of a session.</summary>
public sealed record TokenUsage
{
    /// <summary>Tokens that models read.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens that models wrote.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Both together.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Those of the output that were thoughts.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>Those of the input that the provider had kept.</summary>
    public long? CachedTokens { get; init; }

    /// <summary>Some figures are a guess by length.</summary>
    public bool Estimated { get; init; }

    /// <summary>Milliseconds until the first token.</summary>
    public double? TimeToFirstTokenMs { get; init; }

    /// <summary>The pace.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>The model that answered last.</summary>
    public string? Model { get; init; }

    /// <summary>The cost by the operator's prices, where there are any.</summary>
    public decimal? Cost { get; init; }
}
