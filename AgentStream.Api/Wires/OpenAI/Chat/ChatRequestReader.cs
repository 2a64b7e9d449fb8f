using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>What a request for a chat completion comes to.</summary>
/// <param name="Payload">The message, without its id.</param>
/// <param name="Session">The session that the caller named; <c>null</c>: none.</param>
/// <param name="Results">What came of calls that a run waits for: it goes on, and no message is sent. Empty: it is a message.</param>
internal sealed record ChatAsk(ChatPayload Payload, SessionId? Session, IReadOnlyList<CallResult> Results);

/// <summary>Makes a message for an agent of a request for a chat completion, or says what is wrong with it.</summary>
internal static class ChatRequestReader
{
    public static Answer<ChatAsk> Read(ChatRequest request)
    {
        SessionId? session = null;
        if ((ProblemOf(request) ?? SessionOf(request.Metadata, out session)) is { } problem)
        {
            return problem;
        }

        if (CallerTools.Read(request.Tools, request.ToolChoice, isNested: true).IsRefused(out var odd, out var tools)
            || ResultsOf(request.Messages!).IsRefused(out odd, out var results))
        {
            return odd;
        }

        if (results.Count > 0)
        {
            return new ChatAsk(new ChatPayload(), session, results);
        }

        var conversation = new Conversation();
        for (var index = 0; index < request.Messages!.Count; index++)
        {
            var message = request.Messages[index];
            if (conversation.Add(message?.Role, message?.Content, $"messages[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        if (conversation.Message is not { } asked)
        {
            return OpenAIError.Of("The last of messages has to be the user's, with a text: write what you want to ask.", "messages");
        }

        var payload = new ChatPayload
        {
            Message = asked,
            AgentName = request.Model,
            History = conversation.History,
            Context = conversation.Context,
            Temperature = request.Temperature,
            MaxTokens = request.MaxCompletionTokens ?? request.MaxTokens,
            Tools = tools,
        };
        return new ChatAsk(payload, session, results);
    }

    // The messages of tools at the end: what came of the calls that the last answer asked for.
    private static Answer<IReadOnlyList<CallResult>> ResultsOf(IReadOnlyList<ChatRequestMessage?> messages)
    {
        List<CallResult> results = [];
        for (var index = messages.Count - 1; index >= 0 && messages[index]?.Role == "tool"; index--)
        {
            var param = $"messages[{index}]";
            if (ContentText.Read(messages[index]!.Content, $"{param}.content").IsRefused(out var refusal, out var text)
                || CallResult.Read(messages[index]!.ToolCallId, text, $"{param}.tool_call_id").IsRefused(out refusal, out var result))
            {
                return refusal;
            }

            results.Insert(0, result);
        }

        return results;
    }

    private static Refusal? ProblemOf(ChatRequest request)
        => string.IsNullOrWhiteSpace(request.Model)
            ? OpenAIError.Of("model takes the name of an agent: GET /v1/models lists them.", "model")
            : request.Messages is not { Count: > 0 }
                ? OpenAIError.Of("messages takes an array of messages, the user's last.", "messages")
                : request.N is not (null or 1)
                    ? OpenAIError.Of("n takes 1: an agent gives one answer.", "n")
                    : request.Logprobs is true
                        ? OpenAIError.Of("logprobs are not known of agents: leave it out.", "logprobs")
                        : Unsupported.Any(request.Functions, "functions")
                            ?? Unsupported.Format(request.ResponseFormat, "response_format")
                            ?? Unsupported.Any(request.Stop, "stop")
                            ?? Unsupported.Any(request.Audio, "audio")
                            ?? Modalities(request.Modalities);

    private static Refusal? Modalities(JsonElement? modalities)
        => modalities is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().Any(one => Unsupported.Text(one) != "text")
            ? OpenAIError.Of("modalities takes text: leave it out.", "modalities")
            : null;

    private static Refusal? SessionOf(JsonElement? metadata, out SessionId? session)
    {
        session = null;
        if (metadata is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("session_id"u8, out var named))
        {
            return null;
        }

        var isId = SessionId.TryParse(Unsupported.Text(named), out var id);
        session = isId ? id : null;
        return isId ? null : new Refusal(
            ErrorCodes.InvalidId, "metadata.session_id has 1 to 128 of the characters A-Z a-z 0-9 _ -", Param: "metadata.session_id");
    }
}
