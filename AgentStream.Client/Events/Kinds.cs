using System.Text.Json.Serialization;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>The kind of a finished step.</summary>
[JsonConverter(typeof(StepTypeConverter))]
public enum StepType
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>What the model thinks.</summary>
    Thought,

    /// <summary>A tool is called.</summary>
    ToolUse,

    /// <summary>What the tool has answered.</summary>
    ToolResult,

    /// <summary>The answer.</summary>
    FinalAnswer,

    /// <summary>What went wrong.</summary>
    Error,
}

/// <summary>What a step that is under way looks like so far.</summary>
[JsonConverter(typeof(DeltaTypeConverter))]
public enum DeltaType
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>What the model thinks.</summary>
    Thought,

    /// <summary>The answer; it may turn out to be a thought.</summary>
    Answer,

    /// <summary>A tool is called.</summary>
    ToolUse,

    /// <summary>What the tool says.</summary>
    ToolResult,
}

/// <summary>The state of a run.</summary>
[JsonConverter(typeof(RunStatusConverter))]
public enum RunStatus
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>It is under way.</summary>
    Running,

    /// <summary>It waits for a person.</summary>
    Waiting,

    /// <summary>It came to its end.</summary>
    Completed,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}

/// <summary>The reason why text is taken back.</summary>
[JsonConverter(typeof(SupersededReasonConverter))]
public enum SupersededReason
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>Its worker was lost; another one writes it anew.</summary>
    AttemptLost,

    /// <summary>The model's reply broke off; it is asked again.</summary>
    Retried,

    /// <summary>It turned out to be a thought, and the run shows none.</summary>
    Hidden,
}

/// <summary>The reason why the server can't go on from a cursor.</summary>
[JsonConverter(typeof(ResyncReasonConverter))]
public enum ResyncReason
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>The entries after it were folded into the transcript.</summary>
    Trimmed,

    /// <summary>It belongs to another life of the log.</summary>
    Epoch,

    /// <summary>It is beyond the end of the log.</summary>
    Ahead,

    /// <summary>This client was too far behind.</summary>
    TooSlow,
}

/// <summary>What goes on in a session.</summary>
[JsonConverter(typeof(SessionStateConverter))]
public enum SessionState
{
    /// <summary>One that this version does not know.</summary>
    Unknown,

    /// <summary>Nothing.</summary>
    Idle,

    /// <summary>A run is under way.</summary>
    Running,

    /// <summary>A run waits for a person.</summary>
    Waiting,

    /// <summary>A run waits for its turn.</summary>
    Queued,
}

/// <summary>What a message does in a session that is busy.</summary>
[JsonConverter(typeof(OnBusyConverter))]
public enum OnBusy
{
    /// <summary>It waits for its turn.</summary>
    Enqueue,

    /// <summary>It is refused.</summary>
    Reject,

    /// <summary>It cancels the run under way, and goes before those that wait.</summary>
    Interrupt,

    /// <summary>It is handed to the run under way at its next step; where that has none any more it waits for its turn.</summary>
    Steer,
}
