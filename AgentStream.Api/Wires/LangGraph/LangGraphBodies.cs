using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>A message, or a piece of one, or what is said of it beside it: those of all these fields that it has.</summary>
internal sealed record LangGraphMessage
{
    /// <summary><c>human</c>, <c>ai</c>, <c>AIMessageChunk</c>, <c>tool</c> or <c>remove</c>.</summary>
    public string? Type { get; init; }

    public string? Id { get; init; }

    public string? Content { get; init; }

    public LangGraphThought? AdditionalKwargs { get; init; }

    public IReadOnlyList<LangGraphCall>? ToolCalls { get; init; }

    public string? ToolCallId { get; init; }

    public string? Name { get; init; }

    /// <summary>Of a tool's message: <c>success</c> or <c>error</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Of a run's last message of the agent: what the whole run used.</summary>
    public LangGraphUsage? UsageMetadata { get; init; }

    // What stands beside a piece in the mode messages-tuple.
    public string? LanggraphNode { get; init; }

    public int? LanggraphStep { get; init; }

    public string? RunId { get; init; }

    public string? ThreadId { get; init; }
}

/// <summary>A thought, where clients of models that show theirs look for it.</summary>
internal sealed record LangGraphThought(string ReasoningContent);

/// <summary>How many tokens something took.</summary>
internal sealed record LangGraphUsage(long InputTokens, long OutputTokens, long TotalTokens);

/// <summary>A call of a tool.</summary>
internal sealed record LangGraphCall(string Id, string Name, JsonElement Args)
{
    public string Type { get; } = "tool_call";
}

/// <summary>The state of a thread: its messages.</summary>
internal sealed record LangGraphValues(IReadOnlyList<LangGraphMessage> Messages)
{
    [JsonPropertyName("__interrupt__")]
    public IReadOnlyList<LangGraphInterrupt>? Interrupts { get; init; }

    [JsonPropertyName("__error__")]
    public LangGraphFailure? Failure { get; init; }
}

/// <summary>What a step has added to the state.</summary>
internal sealed record LangGraphUpdate
{
    public LangGraphValues? Agent { get; init; }

    public LangGraphValues? Tools { get; init; }

    [JsonPropertyName("__interrupt__")]
    public IReadOnlyList<LangGraphInterrupt>? Interrupts { get; init; }
}

/// <summary>Something that a run asks a person.</summary>
internal sealed record LangGraphInterrupt(string Id, LangGraphQuestion Value);

/// <summary>A call that needs a person's leave.</summary>
internal sealed record LangGraphQuestion(string ToolCallId, string Name, JsonElement? Args, double ExpiresAt);

/// <summary>The beginning of a run's events.</summary>
internal sealed record LangGraphMetadata(string RunId, string ThreadId);

/// <summary>Why a run, or a stream, has no good end.</summary>
internal sealed record LangGraphFailure(string Error, string Message);

/// <summary>Why something was refused.</summary>
internal sealed record LangGraphError(string Detail, string Code);

/// <summary>A thread.</summary>
internal sealed record LangGraphThread
{
    public required string ThreadId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary><c>idle</c>, <c>busy</c> or <c>interrupted</c>.</summary>
    public required string Status { get; init; }

    public required LangGraphValues Values { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>What a person is asked, by the task that waits with it.</summary>
    public Dictionary<string, IReadOnlyList<LangGraphInterrupt>> Interrupts { get; init; } = [];
}

/// <summary>The state of a thread at a moment.</summary>
internal sealed record LangGraphState
{
    public required LangGraphValues Values { get; init; }

    /// <summary>What is still to be done; empty where nothing is.</summary>
    public required IReadOnlyList<string> Next { get; init; }

    public required LangGraphCheckpoint Checkpoint { get; init; }

    public LangGraphCheckpoint? ParentCheckpoint { get; init; }

    public required DateTimeOffset? CreatedAt { get; init; }

    public required IReadOnlyList<LangGraphTask> Tasks { get; init; }

    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();
}

/// <summary>What is under way, with what it asks.</summary>
internal sealed record LangGraphTask(string Id, string Name, IReadOnlyList<LangGraphInterrupt> Interrupts);

/// <summary>A run.</summary>
internal sealed record LangGraphRun
{
    public required string RunId { get; init; }

    public required string ThreadId { get; init; }

    public required string AssistantId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary><c>pending</c>, <c>running</c>, <c>success</c>, <c>error</c> or <c>interrupted</c>.</summary>
    public required string Status { get; init; }

    public string MultitaskStrategy { get; } = "enqueue";

    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();
}
