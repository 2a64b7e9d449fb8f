using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>A whole chat completion.</summary>
internal sealed record ChatCompletion
{
    public required string Id { get; init; }

    public string Object { get; } = "chat.completion";

    /// <summary>When its message was taken, in Unix seconds.</summary>
    public required long Created { get; init; }

    /// <summary>The agent.</summary>
    public required string Model { get; init; }

    public required IReadOnlyList<ChatChoice> Choices { get; init; }

    public ChatUsage? Usage { get; init; }
}

/// <summary>The one answer that there is.</summary>
internal sealed record ChatChoice
{
    public int Index { get; init; }

    public required ChatMessage Message { get; init; }

    public required string FinishReason { get; init; }
}

/// <summary>What the agent said, in a whole completion or a piece of one.</summary>
internal sealed record ChatMessage
{
    public string? Role { get; init; }

    public string? Content { get; init; }

    /// <summary>Its thoughts. No field of OpenAI's own: clients of models that show theirs read it.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>What the caller is to execute.</summary>
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; init; }
}

/// <summary>A call that the caller is to execute.</summary>
internal sealed record ChatToolCall
{
    /// <summary>Its place, in a piece of a completion.</summary>
    public int? Index { get; init; }

    public required string Id { get; init; }

    public string Type { get; } = "function";

    public required ChatFunctionCall Function { get; init; }

    public static IReadOnlyList<ChatToolCall> Of(IReadOnlyList<ToolApprovalRequired> calls, SessionId sessionId, bool isPiece)
        => [.. calls.Select((call, index) => new ChatToolCall
        {
            Index = isPiece ? index : null,
            Id = new CallId(call.ToolCallId, sessionId).ToString(),
            Function = new ChatFunctionCall(call.ToolName, RunText.ArgumentsOf(call)),
        })];
}

/// <summary>What is called, with its arguments as JSON text.</summary>
internal sealed record ChatFunctionCall(string Name, string Arguments);

/// <summary>A piece of a chat completion, or the error that ends it.</summary>
internal sealed record ChatChunk
{
    public string? Id { get; init; }

    public string? Object { get; init; }

    public long? Created { get; init; }

    public string? Model { get; init; }

    public IReadOnlyList<ChatChunkChoice>? Choices { get; init; }

    public ChatUsage? Usage { get; init; }

    public OpenAIError? Error { get; init; }
}

/// <summary>What a piece adds to the one answer that there is.</summary>
internal sealed record ChatChunkChoice
{
    public int Index { get; init; }

    public required ChatMessage Delta { get; init; }

    public string? FinishReason { get; init; }
}

/// <summary>Tokens of a run.</summary>
internal sealed record ChatUsage
{
    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    public required long TotalTokens { get; init; }

    public PromptTokensDetails? PromptTokensDetails { get; init; }

    public CompletionTokensDetails? CompletionTokensDetails { get; init; }

    public static ChatUsage? Of(TokenUsage? usage) => usage is null ? null : new()
    {
        PromptTokens = usage.InputTokens,
        CompletionTokens = usage.OutputTokens,
        TotalTokens = usage.TotalTokens,
        PromptTokensDetails = usage.CachedTokens is { } cached ? new PromptTokensDetails { CachedTokens = cached } : null,
        CompletionTokensDetails = usage.ReasoningTokens is { } thought
            ? new CompletionTokensDetails { ReasoningTokens = thought }
            : null,
    };
}

internal sealed record PromptTokensDetails
{
    public required long CachedTokens { get; init; }
}

internal sealed record CompletionTokensDetails
{
    public required long ReasoningTokens { get; init; }
}
