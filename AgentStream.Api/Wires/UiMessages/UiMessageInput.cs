using System.Text.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>The body that the AI SDK's chat sends, as far as it is read here.</summary>
internal sealed record UiMessageInput
{
    /// <summary>The chat.</summary>
    public string? Id { get; init; }

    /// <summary>The client's whole conversation, oldest first.</summary>
    public IReadOnlyList<UiMessage>? Messages { get; init; }

    /// <summary><c>submit-message</c> or <c>regenerate-message</c>.</summary>
    public string? Trigger { get; init; }

    /// <summary>The agent that is asked; of ours: the chat sends it where its <c>body</c> has it.</summary>
    public string? Agent { get; init; }

    /// <summary>Tools that the client executes; of ours, as the agent.</summary>
    public IReadOnlyList<ClientTool>? Tools { get; init; }
}

/// <summary>A message of a chat.</summary>
internal sealed record UiMessage
{
    public string? Id { get; init; }

    public string? Role { get; init; }

    public IReadOnlyList<UiPart>? Parts { get; init; }

    /// <summary>Its text.</summary>
    public string Text => string.Join('\n', from part in Parts ?? [] where part?.Type == "text" && part.Text is not null select part.Text);
}

/// <summary>A part of a message.</summary>
internal sealed record UiPart
{
    public string? Type { get; init; }

    public string? Text { get; init; }

    public string? State { get; init; }

    public string? ToolCallId { get; init; }

    public UiApproval? Approval { get; init; }

    /// <summary>What came of a call, whatever it is.</summary>
    public JsonElement? Output { get; init; }

    public string? ErrorText { get; init; }
}

/// <summary>What a person said to a tool call that asked.</summary>
internal sealed record UiApproval
{
    public string? Id { get; init; }

    public bool? Approved { get; init; }

    public string? Reason { get; init; }
}

/// <summary>A chunk of the stream: its type, and those of the fields of all types that it has.</summary>
internal sealed record UiChunk(string Type)
{
    public string? Id { get; init; }

    public string? MessageId { get; init; }

    public UiMetadata? MessageMetadata { get; init; }

    public string? Delta { get; init; }

    public string? ToolCallId { get; init; }

    public string? ToolName { get; init; }

    public JsonElement? Input { get; init; }

    public JsonElement? Output { get; init; }

    public string? ErrorText { get; init; }

    public string? ApprovalId { get; init; }

    public bool? Dynamic { get; init; }

    public string? FinishReason { get; init; }

    public string? Reason { get; init; }
}

/// <summary>What the protocol has no chunk for.</summary>
internal sealed record UiMetadata
{
    public string? SessionId { get; init; }

    public string? RunId { get; init; }

    public string? Agent { get; init; }

    public string? Model { get; init; }

    public UiUsage? Usage { get; init; }
}

/// <summary>Tokens of a run, as the AI SDK names them.</summary>
internal sealed record UiUsage
{
    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long TotalTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public long? CachedInputTokens { get; init; }
}
