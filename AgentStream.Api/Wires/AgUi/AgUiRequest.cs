using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>What a client asks for, checked.</summary>
internal sealed record AgUiRequest
{
    public required string Agent { get; init; }

    public required SessionId SessionId { get; init; }

    public required string RunId { get; init; }

    /// <summary>The client's messages up to the question, that included.</summary>
    public required IReadOnlyList<JsonElement> Before { get; init; }

    /// <summary>The ids of the thoughts that the client has of the run already.</summary>
    public required IReadOnlyList<string> Thoughts { get; init; }

    /// <summary>The client's id of the question.</summary>
    public required string QuestionId { get; init; }

    public required string Question { get; init; }

    public required IReadOnlyList<AgUiResume> Resume { get; init; }

    public JsonElement? Context { get; init; }

    /// <summary>Tools that the client executes.</summary>
    public IReadOnlyList<ClientTool>? Tools { get; init; }

    /// <summary>The results that the client has since the question, of its own tools and of others, by the calls.</summary>
    public required IReadOnlyDictionary<string, AgUiResult> Results { get; init; }

    public AgUiThread Thread => new(SessionId, SessionId.Value, RunId, Before) { Thoughts = Thoughts, Results = Results };

    /// <summary>Role and text of the messages before the question.</summary>
    public IEnumerable<(string? Role, string Text)> Earlier =>
        Before.SkipLast(1).Select(message => (Field(message, "role"), TextOf(message)));

    /// <summary>The client's ids of what people asked before.</summary>
    public IReadOnlyList<string> EarlierQuestions =>
        [.. Before.SkipLast(1).Where(message => Field(message, "role") == "user").Select(message => Field(message, "id") ?? "")];

    public static Answer<AgUiRequest> Of(string agent, AgUiInput input)
    {
        if (!SessionId.TryParse(input.ThreadId, out var sessionId))
        {
            return new Refusal(ErrorCodes.InvalidId, "threadId takes 1 to 128 of the characters A-Z a-z 0-9 _ -");
        }

        if (string.IsNullOrWhiteSpace(input.RunId))
        {
            return new Refusal(ErrorCodes.InvalidId, "runId is missing: make a random one for each run.");
        }

        var messages = input.Messages ?? [];
        if (messages.Any(message => message.ValueKind != JsonValueKind.Object))
        {
            return new Refusal(ErrorCodes.InvalidFrame, "messages takes objects with id, role and content.");
        }

        var question = messages.Count;
        while (question > 0 && Field(messages[question - 1], "role") != "user")
        {
            question--;
        }

        if (question == 0 || Field(messages[question - 1], "id") is not { Length: > 0 } questionId)
        {
            return new Refusal(ErrorCodes.InvalidMessage, "messages has no message of role user with an id: write what you want to ask.");
        }

        return new AgUiRequest
        {
            Agent = agent,
            SessionId = sessionId,
            RunId = input.RunId,
            Before = [.. messages.Take(question)],
            Thoughts = [.. from message in messages.Skip(question)
                           where Field(message, "role") == "reasoning"
                           select Field(message, "id") ?? ""],
            QuestionId = questionId,
            Question = TextOf(messages[question - 1]),
            Resume = [.. input.Resume?.Where(resume => resume is not null) ?? []],
            Context = ContextOf(input.Context),
            Tools = input.Tools,
            Results = (from message in messages.Skip(question)
                       where Field(message, "role") == "tool"
                       let call = Field(message, "toolCallId")
                       where call is not null
                       select (call, Result: new AgUiResult(Field(message, "id") ?? call, TextOf(message), Field(message, "error"))))
                .DistinctBy(one => one.call)
                .ToDictionary(one => one.call, one => one.Result, StringComparer.Ordinal),
        };
    }

    // A string, or parts of which those of text are read.
    private static string TextOf(JsonElement message)
        => !message.TryGetProperty("content"u8, out var content) ? ""
            : content.ValueKind == JsonValueKind.String ? content.GetString()!
            : content.ValueKind != JsonValueKind.Array ? ""
            : string.Join('\n', content.EnumerateArray()
                .Where(part => part.ValueKind == JsonValueKind.Object && Field(part, "type") == "text")
                .Select(part => Field(part, "text") ?? ""));

    private static string? Field(JsonElement message, string name)
        => message.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;

    private static JsonElement? ContextOf(IReadOnlyList<AgUiContext>? context)
    {
        if (context is not { Count: > 0 })
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var item in context.Where(item => item?.Value is not null).DistinctBy(item => item.Description ?? ""))
            {
                writer.WritePropertyName(item.Description ?? "");
                item.Value!.Value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }
}
