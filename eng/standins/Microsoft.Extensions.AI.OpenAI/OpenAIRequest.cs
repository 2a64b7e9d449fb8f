using System.Text;
using System.Text.Json;
using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>Turns what is asked into the OpenAI SDK's terms. Content that the endpoint does not know (reasoning, for one) is left out.</summary>
internal static class OpenAIRequest
{
    private const int LongestName = 64;
    private const string StrictKey = "strict";

    private static readonly ChatRole Developer = new("developer");
    private static readonly IDictionary<string, object?> NoArguments = new Dictionary<string, object?>();

    public static IEnumerable<OpenAI.Chat.ChatMessage> Messages(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (!string.IsNullOrWhiteSpace(options?.Instructions))
        {
            yield return new SystemChatMessage(options.Instructions);
        }

        foreach (var message in messages)
        {
            if (message.RawRepresentation is OpenAI.Chat.ChatMessage raw)
            {
                yield return raw;
            }
            else if (message.Role == ChatRole.Tool)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                {
                    yield return new ToolChatMessage(result.CallId, ResultText(result.Result));
                }
            }
            else if (message.Role == ChatRole.Assistant)
            {
                yield return Assistant(message);
            }
            else if (message.Role == ChatRole.System)
            {
                yield return new SystemChatMessage(PartsOrEmpty(message)) { ParticipantName = Name(message) };
            }
            else if (message.Role == Developer)
            {
                yield return new DeveloperChatMessage(PartsOrEmpty(message)) { ParticipantName = Name(message) };
            }
            else if (message.Role == ChatRole.User)
            {
                yield return new UserChatMessage(PartsOrEmpty(message)) { ParticipantName = Name(message) };
            }
        }
    }

    public static ChatCompletionOptions Options(IChatClient client, ChatOptions? options)
    {
        if (options is null)
        {
            return new();
        }

        // What the caller has set in the SDK's own terms wins over the general options.
        var result = options.RawRepresentationFactory?.Invoke(client) as ChatCompletionOptions ?? new();
        result.Temperature ??= options.Temperature;
        result.TopP ??= options.TopP;
        result.MaxOutputTokenCount ??= options.MaxOutputTokens;
        result.FrequencyPenalty ??= options.FrequencyPenalty;
        result.PresencePenalty ??= options.PresencePenalty;
        result.Seed ??= options.Seed;
        result.ReasoningEffortLevel ??= Effort(options.Reasoning?.Effort);
        result.ResponseFormat ??= Format(options);

        foreach (var stop in options.StopSequences ?? [])
        {
            result.StopSequences.Add(stop);
        }

        if (options.ModelId is { } model && !(result.Patch.TryGetValue("$.model"u8, out string? set) && set is not null))
        {
            result.Patch.Set("$.model"u8, model);
        }

        AddTools(result, options);
        return result;
    }

    private static void AddTools(ChatCompletionOptions result, ChatOptions options)
    {
        foreach (var function in (options.Tools ?? []).OfType<AIFunctionDeclaration>())
        {
            var strict = Strict(function.AdditionalProperties) ?? Strict(options.AdditionalProperties);
            result.Tools.Add(ChatTool.CreateFunctionTool(
                function.Name, function.Description, OpenAISchema.Parameters(function.JsonSchema, strict is true), strict));
        }

        // The endpoint refuses a choice, or a word about parallel calls, where there are no tools.
        if (result.Tools.Count == 0)
        {
            return;
        }

        result.AllowParallelToolCalls ??= options.AllowMultipleToolCalls;
        result.ToolChoice ??= options.ToolMode switch
        {
            NoneChatToolMode => ChatToolChoice.CreateNoneChoice(),
            RequiredChatToolMode { RequiredFunctionName: { } name } => ChatToolChoice.CreateFunctionChoice(name),
            RequiredChatToolMode => ChatToolChoice.CreateRequiredChoice(),
            _ => ChatToolChoice.CreateAutoChoice(),
        };
    }

    private static AssistantChatMessage Assistant(ChatMessage message)
    {
        var parts = Parts(message);
        var calls = message.Contents.OfType<FunctionCallContent>().Select(call => ChatToolCall.CreateFunctionToolCall(
            call.CallId, call.Name, BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(call.Arguments ?? NoArguments, OpenAIJson.Arguments)))).ToList();

        AssistantChatMessage result;
        if (parts.Count == 0 && calls.Count > 0)
        {
            result = new(calls);
        }
        else
        {
            result = new(parts.Count > 0 ? parts : [ChatMessageContentPart.CreateTextPart(string.Empty)]);
            foreach (var call in calls)
            {
                result.ToolCalls.Add(call);
            }
        }

        result.ParticipantName = Name(message);
        result.Refusal = message.Contents.OfType<ErrorContent>().LastOrDefault(error => error.ErrorCode == OpenAIResponse.Refusal)?.Message;
        return result;
    }

    private static List<ChatMessageContentPart> PartsOrEmpty(ChatMessage message) =>
        Parts(message) is { Count: > 0 } parts ? parts : [ChatMessageContentPart.CreateTextPart(string.Empty)];

    private static List<ChatMessageContentPart> Parts(ChatMessage message) => [.. message.Contents.Select(Part).OfType<ChatMessageContentPart>()];

    private static ChatMessageContentPart? Part(AIContent content) => content switch
    {
        { RawRepresentation: ChatMessageContentPart raw } => raw,
        TextContent text => ChatMessageContentPart.CreateTextPart(text.Text),
        UriContent image when image.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(image.Uri),
        DataContent image when image.HasTopLevelMediaType("image") => ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(image.Data), image.MediaType),
        HostedFileContent file => ChatMessageContentPart.CreateFilePart(file.FileId),
        _ => null,
    };

    private static string ResultText(object? result) => result switch
    {
        null => string.Empty,
        string text => text,
        _ => JsonSerializer.Serialize(result, OpenAIJson.Anything),
    };

    private static ChatReasoningEffortLevel? Effort(ReasoningEffort? effort) => effort switch
    {
        ReasoningEffort.None => ChatReasoningEffortLevel.None,
        ReasoningEffort.Low => ChatReasoningEffortLevel.Low,
        ReasoningEffort.Medium => ChatReasoningEffortLevel.Medium,
        ReasoningEffort.High => ChatReasoningEffortLevel.High,
        ReasoningEffort.ExtraHigh => new ChatReasoningEffortLevel("xhigh"),
        // A bare null would be a string, converted.
        _ => (ChatReasoningEffortLevel?)null,
    };

    private static OpenAI.Chat.ChatResponseFormat? Format(ChatOptions options) => options.ResponseFormat switch
    {
        ChatResponseFormatText => OpenAI.Chat.ChatResponseFormat.CreateTextFormat(),
        ChatResponseFormatJson { Schema: { } schema } json => OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(
            json.SchemaName ?? "json_schema", OpenAISchema.Strict(schema), json.SchemaDescription, Strict(options.AdditionalProperties)),
        ChatResponseFormatJson => OpenAI.Chat.ChatResponseFormat.CreateJsonObjectFormat(),
        _ => null,
    };

    private static bool? Strict(IReadOnlyDictionary<string, object?>? properties) =>
        properties is not null && properties.TryGetValue(StrictKey, out var value) ? value as bool? : null;

    // The endpoint takes letters, digits and underscores.
    private static string? Name(ChatMessage message)
    {
        StringBuilder name = new();
        foreach (var letter in (message.AuthorName ?? string.Empty).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_').Take(LongestName))
        {
            name.Append(letter);
        }

        return name.Length > 0 ? name.ToString() : null;
    }
}
