using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>What a request for a response comes to.</summary>
/// <param name="Payload">The message, without its id.</param>
/// <param name="Previous">The response that it goes on from; <c>null</c>: none.</param>
/// <param name="Session">The session that the caller named; <c>null</c>: none.</param>
/// <param name="Results">What came of calls that a run waits for: it goes on, and no message is sent. Empty: it is a message.</param>
internal sealed record ResponseAsk(ChatPayload Payload, ResponseId? Previous, SessionId? Session, IReadOnlyList<CallResult> Results);

/// <summary>Makes a message for an agent of a request for a response, or says what is wrong with it.</summary>
internal static class ResponseRequestReader
{
    private static readonly string[] LeftOut = ["reasoning", "compaction"];

    /// <summary>Told where an id names no response.</summary>
    public static Refusal NoSuchResponse { get; } = new(
        ErrorCodes.NotFound,
        "There is no such response: its id is not known, it was asked for with store false, or its session was erased.");

    public static Answer<ResponseAsk> Read(ResponseRequest request)
    {
        ResponseId? previous = null;
        SessionId? session = null;
        if ((ProblemOf(request) ?? PlaceOf(request, out previous, out session)) is { } problem)
        {
            return problem;
        }

        if (CallerTools.Read(request.Tools, request.ToolChoice, isNested: false).IsRefused(out var odd, out var tools)
            || ResultsOf(request.Input).IsRefused(out odd, out var results))
        {
            return odd;
        }

        if (results.Count > 0)
        {
            return new ResponseAsk(new ChatPayload(), previous, session, results);
        }

        var conversation = new Conversation();
        if (Add(conversation, request) is { } refusal)
        {
            return refusal;
        }

        var goesOn = previous is not null || session is not null;
        if (goesOn && conversation.HasAnswers)
        {
            return OpenAIError.Of(
                "With previous_response_id or conversation, input takes what the user says now: what was said before is known.", "input");
        }

        if ((goesOn ? conversation.Asked : conversation.Message) is not { } asked)
        {
            return OpenAIError.Of("The last of input has to be the user's, with a text: write what you want to ask.", "input");
        }

        var payload = new ChatPayload
        {
            Message = asked,
            AgentName = request.Model,
            History = goesOn ? null : conversation.History,
            Context = conversation.Context,
            Temperature = request.Temperature,
            MaxTokens = request.MaxOutputTokens,
            Tools = tools,
        };
        return new ResponseAsk(payload, previous, session, results);
    }

    // The outputs at the end: what came of the calls that the last response asked for.
    private static Answer<IReadOnlyList<CallResult>> ResultsOf(JsonElement? input)
    {
        List<CallResult> results = [];
        for (var index = input is { ValueKind: JsonValueKind.Array } list ? list.GetArrayLength() - 1 : -1; index >= 0; index--)
        {
            var item = input!.Value[index];
            if (item.ValueKind != JsonValueKind.Object || TextOf(item, "type"u8) != "function_call_output")
            {
                break;
            }

            var param = $"input[{index}]";
            var output = item.TryGetProperty("output"u8, out var given) ? given : (JsonElement?)null;
            if (ContentText.Read(output, $"{param}.output").IsRefused(out var refusal, out var text)
                || CallResult.Read(TextOf(item, "call_id"u8), text, $"{param}.call_id").IsRefused(out refusal, out var result))
            {
                return refusal;
            }

            results.Insert(0, result);
        }

        return results;
    }

    private static string? TextOf(JsonElement item, ReadOnlySpan<byte> name)
        => item.TryGetProperty(name, out var text) ? Unsupported.Text(text) : null;

    private static Refusal? ProblemOf(ResponseRequest request)
        => string.IsNullOrWhiteSpace(request.Model)
            ? OpenAIError.Of("model takes the name of an agent: GET /v1/models lists them.", "model")
            : request is { Background: true, Store: false }
                ? OpenAIError.Of("A response in the background has to be stored: leave store out.", "store")
                : Unsupported.Any(request.Prompt, "prompt")
                    ?? (request.Text is { ValueKind: JsonValueKind.Object } text && text.TryGetProperty("format"u8, out var format)
                        ? Unsupported.Format(format, "text.format")
                        : null);

    private static Refusal? PlaceOf(ResponseRequest request, out ResponseId? previous, out SessionId? session)
    {
        (previous, session) = (null, null);
        if (request.PreviousResponseId is { } text)
        {
            if (!ResponseId.TryParse(text, out var id))
            {
                return NoSuchResponse with { Param = "previous_response_id" };
            }

            previous = id;
        }

        if (Unsupported.IsEmpty(request.Conversation))
        {
            return null;
        }

        if (previous is not null)
        {
            return OpenAIError.Of("Give previous_response_id or conversation, not both.", "conversation");
        }

        var named = request.Conversation is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("id"u8, out var inside)
            ? inside
            : request.Conversation!.Value;
        if (!SessionId.TryParse(Unsupported.Text(named), out var parsed))
        {
            return new Refusal(
                ErrorCodes.InvalidId, "conversation takes the id of a session: 1 to 128 of the characters A-Z a-z 0-9 _ -",
                Param: "conversation");
        }

        session = parsed;
        return null;
    }

    private static Refusal? Add(Conversation conversation, ResponseRequest request)
    {
        if (request.Instructions is { } instructions
            && conversation.Add("developer", JsonSerializer.SerializeToElement(instructions, OpenAIJson.Wire.String), "instructions")
                is { } odd)
        {
            return odd;
        }

        switch (request.Input?.ValueKind)
        {
            case JsonValueKind.String:
                return conversation.Add("user", request.Input, "input");
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in request.Input.Value.EnumerateArray())
                {
                    if (Add(conversation, item, $"input[{index++}]") is { } refusal)
                    {
                        return refusal;
                    }
                }

                return null;
            default:
                return OpenAIError.Of("input takes a text, or an array of messages.", "input");
        }
    }

    private static Refusal? Add(Conversation conversation, JsonElement item, string param)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return OpenAIError.Of($"{param} takes a message: an object with role and content.", param);
        }

        var type = item.TryGetProperty("type"u8, out var given) ? Unsupported.Text(given) ?? "" : "message";
        if (type == "message")
        {
            var role = item.TryGetProperty("role"u8, out var named) ? Unsupported.Text(named) : null;
            return conversation.Add(role, item.TryGetProperty("content"u8, out var content) ? content : null, param);
        }

        // What tools did, and what was thought, is no part of an agent's history, as in chat completions.
        return Array.IndexOf(LeftOut, type) >= 0
            || type.EndsWith("_call", StringComparison.Ordinal)
            || type.EndsWith("_call_output", StringComparison.Ordinal)
                ? null
                : OpenAIError.Of($"{param} is of a type that agents do not take: send messages with their text.", param);
    }
}
