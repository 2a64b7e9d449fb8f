using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>Turns what came back into Microsoft.Extensions.AI's terms.</summary>
internal static class OpenAIResponse
{
    /// <summary>The error code of a refusal.</summary>
    public const string Refusal = nameof(Refusal);

    public static ChatResponse FromCompletion(ChatCompletion completion)
    {
        ChatMessage message = new()
        {
            Role = Role(completion.Role),
            CreatedAt = completion.CreatedAt,
            MessageId = completion.Id,
            RawRepresentation = completion,
        };

        if (Reasoning(ref completion.Patch, "$.choices[0].message.reasoning_content"u8, "$.choices[0].message.reasoning"u8) is { } reasoning)
        {
            message.Contents.Add(reasoning);
        }

        AddParts(completion.Content, message.Contents);
        foreach (var call in completion.ToolCalls.Where(call => !string.IsNullOrWhiteSpace(call.FunctionName)))
        {
            var content = Call(call.FunctionArguments.ToString(), call.Id, call.FunctionName);
            content.RawRepresentation = call;
            message.Contents.Add(content);
        }

        if (completion.Refusal is { } refusal)
        {
            message.Contents.Add(new ErrorContent(refusal) { ErrorCode = Refusal });
        }

        return new(message)
        {
            CreatedAt = completion.CreatedAt,
            FinishReason = FinishReason(completion.FinishReason),
            ModelId = completion.Model,
            RawRepresentation = completion,
            ResponseId = completion.Id,
            Usage = completion.Usage is { } usage ? Usage(usage) : null,
        };
    }

    public static void AddParts(ChatMessageContent parts, IList<AIContent> contents)
    {
        foreach (var part in parts.Where(part => part.Kind == ChatMessageContentPartKind.Text))
        {
            contents.Add(new TextContent(part.Text) { RawRepresentation = part });
        }
    }

    /// <summary>A complete call. Arguments that are not a JSON object become the call's exception: the model wrote them, and the model is to read about it.</summary>
    public static FunctionCallContent Call(string arguments, string callId, string name) =>
        FunctionCallContent.CreateFromParsedArguments(arguments, callId, name, json => JsonSerializer.Deserialize(json, OpenAIJson.Arguments)!);

    /// <summary>
    /// The reasoning in a reply, which the SDK has no member for: reasoning_content (DeepSeek, vLLM, Qwen) or else reasoning (Ollama, OpenRouter, Groq).
    /// Servers that send both repeat themselves.
    /// </summary>
    public static TextReasoningContent? Reasoning(ref JsonPatch raw, ReadOnlySpan<byte> path, ReadOnlySpan<byte> otherPath) =>
        Text(ref raw, path) ?? Text(ref raw, otherPath);

    public static UsageDetails Usage(ChatTokenUsage usage) => new()
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
        TotalTokenCount = usage.TotalTokenCount,
        CachedInputTokenCount = usage.InputTokenDetails?.CachedTokenCount,
        ReasoningTokenCount = usage.OutputTokenDetails?.ReasoningTokenCount,
    };

    public static ChatRole Role(ChatMessageRole role) => role switch
    {
        ChatMessageRole.Assistant => ChatRole.Assistant,
        ChatMessageRole.System => ChatRole.System,
        ChatMessageRole.Tool => ChatRole.Tool,
        ChatMessageRole.User => ChatRole.User,
#pragma warning disable CA1308 // Roles are lower case by definition.
        _ => new(role.ToString().ToLowerInvariant()),
#pragma warning restore CA1308
    };

    public static ChatFinishReason FinishReason(OpenAI.Chat.ChatFinishReason reason) => reason switch
    {
        OpenAI.Chat.ChatFinishReason.Stop => ChatFinishReason.Stop,
        OpenAI.Chat.ChatFinishReason.Length => ChatFinishReason.Length,
        OpenAI.Chat.ChatFinishReason.ContentFilter => ChatFinishReason.ContentFilter,
        OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => ChatFinishReason.ToolCalls,
        _ => new(reason.ToString()),
    };

    private static TextReasoningContent? Text(ref JsonPatch raw, ReadOnlySpan<byte> path) =>
        raw.TryGetValue(path, out string? text) && !string.IsNullOrEmpty(text) ? new(text) : null;
}
