using System.Text.Json;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>The body of a run, as far as it is read here. All else is ignored.</summary>
internal sealed record LangGraphInput
{
    /// <summary>The agent.</summary>
    public string? AssistantId { get; init; }

    /// <summary>An object with <c>messages</c>, or nothing where <see cref="Command"/> answers what a run asks.</summary>
    public JsonElement? Input { get; init; }

    public LangGraphCommand? Command { get; init; }

    /// <summary>One mode, or several.</summary>
    public JsonElement? StreamMode { get; init; }

    /// <summary>An object that the agent is told.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>
    /// What becomes of a message that meets a busy thread: <c>enqueue</c> (default), <c>reject</c>, <c>interrupt</c> or <c>rollback</c>.
    /// </summary>
    public string? MultitaskStrategy { get; init; }

    /// <summary>Where in the conversation it goes on.</summary>
    public LangGraphCheckpoint? Checkpoint { get; init; }

    public string? CheckpointId { get; init; }
}

/// <summary>The answer to what a run asks.</summary>
internal sealed record LangGraphCommand
{
    /// <summary><c>{"approved": true, "arguments"?: {…}, "reason"?: "…"}</c>, or such an answer for each interrupt by its id.</summary>
    public JsonElement? Resume { get; init; }
}

/// <summary>A place in a conversation.</summary>
internal sealed record LangGraphCheckpoint
{
    public string? ThreadId { get; init; }

    public string? CheckpointNs { get; init; }

    /// <summary>The last run before it.</summary>
    public string? CheckpointId { get; init; }
}

/// <summary>The body that makes a thread.</summary>
internal sealed record LangGraphNewThread
{
    public string? ThreadId { get; init; }
}

/// <summary>The body that asks for what was.</summary>
internal sealed record LangGraphHistoryQuery
{
    public int? Limit { get; init; }
}
