using System.Text.Json.Serialization;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>A page of a session's messages, oldest first.</summary>
public sealed record Transcript
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The life of its log.</summary>
    public required string Epoch { get; init; }

    /// <summary>The last offset that it stands for.</summary>
    public required long LastSeq { get; init; }

    /// <summary>The title.</summary>
    public string? Title { get; init; }

    /// <summary>The messages, oldest first.</summary>
    public IReadOnlyList<TranscriptMessage> Messages { get; init; } = [];

    /// <summary>There are older ones.</summary>
    public bool HasMore { get; init; }

    /// <summary>The tokens of all runs.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The run that is under way.</summary>
    public ActiveRun? ActiveRun { get; init; }
}

/// <summary>One message with all that its run said.</summary>
public sealed record TranscriptMessage
{
    /// <summary>The offset of its <see cref="RunQueued"/>: the key for paging.</summary>
    public required long Seq { get; init; }

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The client's id of the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>What the person asked.</summary>
    public required string Message { get; init; }

    /// <summary>The agent that was asked.</summary>
    public required string AgentName { get; init; }

    /// <summary>The state of the run.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>It will end as cancelled.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Whether its thoughts and tool steps are written to the log.</summary>
    public bool EnableReasoning { get; init; } = true;

    /// <summary>The time at which it was taken.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset QueuedAt { get; init; }

    /// <summary>The time at which it began.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time at which it ended.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The files that came with it.</summary>
    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>The run that this one stands in for.</summary>
    public string? ReplacesRunId { get; init; }

    /// <summary>The run that took its place: it is no part of the conversation any more.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>The run under way that takes the message up at its next step, if it has one before this run's turn comes.</summary>
    public string? SteersRunId { get; init; }

    /// <summary>The run that took the message up while this one waited for its turn: the answer is that one's.</summary>
    public string? SteeredRunId { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>Counts from 1; more after a worker was lost.</summary>
    public int? Attempt { get; init; }

    /// <summary>The trace of the run.</summary>
    public string? TraceId { get; init; }

    /// <summary>The finished steps, in order, those that were taken back gone. They have no offsets.</summary>
    public IReadOnlyList<ReasoningStep> Steps { get; init; } = [];

    /// <summary>A sentence for people, where it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The code of the error, for programs.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The tokens of the run.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Milliseconds from its first start, without the time in which it waited for people.</summary>
    public double? DurationMs { get; init; }

    /// <summary>The number of model replies.</summary>
    public int? Iterations { get; init; }

    /// <summary>The messages that the run took up while it was under way, in order.</summary>
    public IReadOnlyList<SteeredMessage> Steered { get; init; } = [];

    /// <summary>Tells whether the run is over.</summary>
    [JsonIgnore]
    public bool IsOver => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;
}

/// <summary>A message that a run took up while it was under way.</summary>
public sealed record SteeredMessage
{
    /// <summary>The run that the message would have had.</summary>
    public required string QueuedRunId { get; init; }

    /// <summary>The client's id of the message.</summary>
    public required string MessageId { get; init; }

    /// <summary>What the person said.</summary>
    public required string Message { get; init; }

    /// <summary>The first reply of the model that knows of it.</summary>
    public int Iteration { get; init; }

    /// <summary>The time at which it was taken up.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset Timestamp { get; init; }
}
