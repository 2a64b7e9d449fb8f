using System.Text.Json;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>An event of AG-UI: its type, and those of the fields of all types that it has.</summary>
internal sealed record AgUiEvent(string Type)
{
    public string? ThreadId { get; init; }

    public string? RunId { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? MessageId { get; init; }

    public string? Role { get; init; }

    public string? Delta { get; init; }

    public string? ToolCallId { get; init; }

    public string? ToolCallName { get; init; }

    public string? Content { get; init; }

    public IReadOnlyList<JsonElement>? Messages { get; init; }

    public string? SubagentRunId { get; init; }

    public string? Name { get; init; }

    public string? ParentToolCallId { get; init; }

    public AgUiOutcome? Outcome { get; init; }

    public IReadOnlyList<AgUiUsage>? Usage { get; init; }

    public string? Message { get; init; }

    public string? Code { get; init; }

    public AgUiMetadata? Metadata { get; init; }

    /// <summary>When it happened, in milliseconds.</summary>
    public long? Timestamp { get; init; }
}

/// <summary>What only AgentStream knows of a run.</summary>
internal sealed record AgUiMetadata(AgUiOrigin Agentstream);

/// <summary>Where a run is in AgentStream's own words.</summary>
internal sealed record AgUiOrigin(string SessionId, string RunId, string? Cursor);

/// <summary>How a run ended.</summary>
internal sealed record AgUiOutcome(string Type)
{
    public IReadOnlyList<AgUiInterrupt>? Interrupts { get; init; }

    /// <summary>Calls that the client is to execute.</summary>
    public IReadOnlyList<string>? PendingToolCallIds { get; init; }
}

/// <summary>A question that the run ended with.</summary>
internal sealed record AgUiInterrupt(string Id)
{
    public string Reason { get; init; } = "tool_call";

    public string? Message { get; init; }

    public string? ToolCallId { get; init; }

    public string? SubagentRunId { get; init; }

    public JsonElement? ResponseSchema { get; init; }

    public string? ExpiresAt { get; init; }
}

/// <summary>Tokens of a run.</summary>
internal sealed record AgUiUsage
{
    public string? Model { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long TotalTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public long? CachedInputTokens { get; init; }
}

/// <summary>A message of a conversation.</summary>
internal sealed record AgUiMessage(string Id, string Role)
{
    public string? Content { get; init; }

    public IReadOnlyList<AgUiToolCall>? ToolCalls { get; init; }

    public string? ToolCallId { get; init; }

    public string? SubagentRunId { get; init; }
}

/// <summary>A tool call of an assistant's message.</summary>
internal sealed record AgUiToolCall(string Id, AgUiFunction Function)
{
    public string Type { get; } = "function";
}

/// <summary>What is called, with its arguments as JSON text.</summary>
internal sealed record AgUiFunction(string Name, string Arguments);

/// <summary>Why something was refused.</summary>
internal sealed record AgUiError(string Code, string Message);

/// <summary>The answer to a stop.</summary>
internal sealed record AgUiStopped(string RunId, string Status);
