using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>All that is needed to show a session and to go on after <see cref="LastSeq"/>.</summary>
public sealed record SessionSnapshot
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>The life of its log.</summary>
    public required string Epoch { get; init; }

    /// <summary>The last offset that it stands for.</summary>
    public required long LastSeq { get; init; }

    /// <summary>The offset through which the log was folded into the transcript.</summary>
    public long TrimmedThrough { get; init; }

    /// <summary>The title.</summary>
    public string? Title { get; init; }

    /// <summary>The newest messages, oldest first.</summary>
    public IReadOnlyList<TranscriptMessage> Messages { get; init; } = [];

    /// <summary>There are older ones: <see cref="AgentSession.GetTranscriptAsync"/> with the offset of the first of these.</summary>
    public bool HasMore { get; init; }

    /// <summary>The tokens of all runs.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The run that is under way.</summary>
    public ActiveRun? ActiveRun { get; init; }

    /// <summary>The runs that wait for their turn, in order.</summary>
    public IReadOnlyList<string> QueuedRuns { get; init; } = [];

    [JsonInclude]
    internal ResyncReason? Reason { get; init; }
}

/// <summary>The run that is under way.</summary>
public sealed record ActiveRun
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary><see cref="RunStatus.Running"/> or <see cref="RunStatus.Waiting"/>.</summary>
    public RunStatus Status { get; init; }

    /// <summary>Counts from 1; more after a worker was lost.</summary>
    public int Attempt { get; init; }

    /// <summary>The time of its first start.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time of its last entry in the log.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? HeardAt { get; init; }

    /// <summary>The steps that still stream: the pieces that follow continue them.</summary>
    public IReadOnlyList<OpenStep> OpenSteps { get; init; } = [];

    /// <summary>The tool calls that wait for a person.</summary>
    public IReadOnlyList<PendingApproval> PendingApprovals { get; init; } = [];
}

/// <summary>A step that still streams.</summary>
public sealed record OpenStep
{
    /// <summary>The step.</summary>
    public required string StepId { get; init; }

    /// <summary>What it looks like so far.</summary>
    public DeltaType StepType { get; init; }

    /// <summary>Its text so far.</summary>
    public required string Content { get; init; }

    /// <summary>The number of the model reply that it belongs to, from 1.</summary>
    public int Iteration { get; init; }

    /// <summary>The agent.</summary>
    public string? AgentName { get; init; }

    /// <summary>The step inside which that agent works.</summary>
    public string? ParentStepId { get; init; }
}

/// <summary>A tool call that waits for a person.</summary>
public sealed record PendingApproval
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

    /// <summary>Whoever asked executes this call: what is wanted is its result.</summary>
    [JsonPropertyName("client_tool")]
    public bool IsClientTool { get; init; }
}
