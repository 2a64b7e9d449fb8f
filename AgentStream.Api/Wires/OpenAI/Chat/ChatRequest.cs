using System.Text.Json;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>The body of <c>POST /v1/chat/completions</c>: what is read of it. All else is ignored.</summary>
internal sealed record ChatRequest
{
    /// <summary>The agent.</summary>
    public string? Model { get; init; }

    public IReadOnlyList<ChatRequestMessage?>? Messages { get; init; }

    public bool? Stream { get; init; }

    public ChatStreamOptions? StreamOptions { get; init; }

    public double? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public int? N { get; init; }

    public bool? Logprobs { get; init; }

    public JsonElement? Tools { get; init; }

    public JsonElement? ToolChoice { get; init; }

    public JsonElement? Functions { get; init; }

    public JsonElement? ResponseFormat { get; init; }

    public JsonElement? Stop { get; init; }

    public JsonElement? Audio { get; init; }

    public JsonElement? Modalities { get; init; }

    public JsonElement? Metadata { get; init; }
}

/// <summary>A message of the conversation.</summary>
internal sealed record ChatRequestMessage
{
    public string? Role { get; init; }

    public JsonElement? Content { get; init; }

    /// <summary>The call whose result it is, where the role is <c>tool</c>.</summary>
    public string? ToolCallId { get; init; }
}

/// <summary>What a stream shall have in it.</summary>
internal sealed record ChatStreamOptions
{
    public bool? IncludeUsage { get; init; }
}
