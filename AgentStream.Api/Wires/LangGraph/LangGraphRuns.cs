using System.Text.Json;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>A run that was found or begun, as its session has it.</summary>
/// <param name="Snapshot">The session.</param>
/// <param name="Message">The run's message.</param>
/// <param name="GoesOn">Whether an answer was given that it waited for.</param>
internal sealed record LangGraphFound(SnapshotData Snapshot, TranscriptMessage Message, bool GoesOn = false)
{
    /// <summary>Where it is.</summary>
    public RunAddress Address => new(Message.RunId, Message.Seq, Snapshot.SessionId);

    /// <summary>A reading of the run, for a client that has its events up to a place; <c>null</c>: it has none.</summary>
    public RunReading Read(LangGraphModes modes, LangGraphPlace? after)
    {
        // From its beginning, whatever the client has: what was told is counted anew.
        var from = new Cursor(Snapshot.Epoch, new Offset(Message.Seq.Value - 1));
        var before = modes.HasFlag(LangGraphModes.Values)
            ? LangGraphConversation.Of(Snapshot.Messages.Where(message => message.Seq < Message.Seq))
            : [];
        var has = GoesOn ? LangGraphPlace.OfAnswer(new Cursor(Snapshot.Epoch, Snapshot.LastSeq)) : after;
        return new RunReading(
            Snapshot.SessionId, from, new RunFold(Message.RunId),
            new LangGraphTranslation(Snapshot.SessionId, Message.RunId, modes, before, has, GoesOn));
    }
}

/// <summary>Finds or begins the run that a request is about.</summary>
internal static class LangGraphRuns
{
    private static readonly Refusal NoSuchRun = new(ErrorCodes.UnknownRun, "This thread has no such run.");

    public static async ValueTask<Answer<LangGraphFound>> BeginAsync(
        HttpContext context, WireCommands commands, SessionId threadId, LangGraphInput input)
    {
        var answers = input.Command?.Resume is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };
        if (!answers && MessagesOf(input.Input).LastOrDefault().Role != "user")
        {
            return new Refusal(
                ErrorCodes.InvalidMessage, "input takes {\"messages\": […]}, the last of which is a human's: write what you want to ask.");
        }

        if ((await commands.SnapshotAsync(context, threadId)).IsRefused(out var refusal, out var snapshot))
        {
            return refusal;
        }

        if (answers && input.Command?.Resume is { } resume)
        {
            return await AnswerAsync(context, commands, snapshot, resume);
        }

        if ((await commands.ChatAsync(context, threadId, Read(snapshot, input))).IsRefused(out var refused, out var accepted))
        {
            return refused;
        }

        return (await FindAsync(context, commands, threadId, accepted.RunId)).IsRefused(out var gone, out var found) ? gone : found;
    }

    /// <summary>A thread that somebody wrote to.</summary>
    public static async ValueTask<Answer<SnapshotData>> ReadAsync(HttpContext context, WireCommands commands, SessionId threadId)
        => (await commands.SnapshotAsync(context, threadId)).IsRefused(out var refusal, out var snapshot) ? refusal
            : snapshot.Messages.Count == 0 ? CallerRefusals.NoSuchSession
            : snapshot;

    /// <summary>A run of the newest page of a thread.</summary>
    public static async ValueTask<Answer<LangGraphFound>> FindAsync(
        HttpContext context, WireCommands commands, SessionId threadId, RunId runId)
    {
        if ((await ReadAsync(context, commands, threadId)).IsRefused(out var refusal, out var snapshot))
        {
            return refusal;
        }

        return snapshot.Messages.FirstOrDefault(message => message.RunId == runId) is { } message
            ? new LangGraphFound(snapshot, message)
            : NoSuchRun;
    }

    private static ChatPayload Read(SnapshotData snapshot, LangGraphInput input)
    {
        var said = MessagesOf(input.Input).ToList();
        var asked = said[^1];
        var present = snapshot.Messages.Where(message => message.ReplacedBy is null).ToList();
        var known = MessageId.TryParse(asked.Id, out var id) && present.Find(message => message.MessageId == id) is { } one ? one : null;
        var goesOnFrom = present.FindIndex(message => message.RunId.Value == (input.CheckpointId ?? input.Checkpoint?.CheckpointId));
        var replaced = known is null && goesOnFrom >= 0 && goesOnFrom + 1 < present.Count
            ? present[goesOnFrom + 1].RunId
            : known?.ReplacesRunId;
        return new ChatPayload
        {
            Message = asked.Text,
            MessageId = asked.Id is { } given && MessageId.TryParse(given, out _) ? given : null,
            AgentName = input.AssistantId,
            Context = input.Context is { ValueKind: JsonValueKind.Object } ? input.Context : null,
            History = snapshot.LastSeq == Offset.Start || (known is not null && present[0] == known)
                ? ClientHistory.Of(said.SkipLast(1).Select(message => ((string?)message.Role, message.Text)))
                : null,
            ReplacesRunId = replaced?.Value,
            OnBusy = input.MultitaskStrategy switch { null => null, "rollback" => "interrupt", var other => other },
        };
    }

    private static async ValueTask<Answer<LangGraphFound>> AnswerAsync(
        HttpContext context, WireCommands commands, SnapshotData snapshot, JsonElement resume)
    {
        if (snapshot.ActiveRun is not { PendingApprovals: { Count: > 0 } questions } run)
        {
            return new Refusal(ErrorCodes.NoSuchApproval, "Nothing of this thread waits for an answer.");
        }

        var asked = questions.Where(question => question.ClientTool is not true).ToList();
        var answers = new List<ToolApprovalPayload>();
        foreach (var question in asked)
        {
            // One by its id, or the one answer to the one question: nobody permits what was not shown.
            JsonElement? own = resume.ValueKind == JsonValueKind.Object && resume.TryGetProperty(question.ToolCallId.Value, out var named)
                ? named
                : asked.Count == 1 ? resume : null;
            if (own is { } given && AnswerOf(given) is { } answer)
            {
                answers.Add(answer with { RunId = run.RunId.Value, ToolCallId = question.ToolCallId.Value });
            }
        }

        if (answers.Count == 0)
        {
            return new Refusal(
                ErrorCodes.InvalidOption,
                "command.resume takes {\"approved\": true or false, \"arguments\"?, \"reason\"?}; where there are several interrupts, "
                    + "such an answer for each, by its id.");
        }

        foreach (var answer in answers)
        {
            if (await commands.ApproveAsync(context, snapshot.SessionId, answer) is { } refusal
                && refusal.Code != ErrorCodes.AlreadyAnswered)
            {
                return refusal;
            }
        }

        return new LangGraphFound(snapshot, snapshot.Messages.First(message => message.RunId == run.RunId), GoesOn: true);
    }

    // True or false alone will do as well.
    private static ToolApprovalPayload? AnswerOf(JsonElement answer)
    {
        if (answer.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return new ToolApprovalPayload { Approved = answer.GetBoolean() };
        }

        return answer.ValueKind != JsonValueKind.Object
            || !answer.TryGetProperty("approved"u8, out var approved)
            || approved.ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            ? null
            : new ToolApprovalPayload
            {
                Approved = approved.GetBoolean(),
                Arguments = answer.TryGetProperty("arguments"u8, out var edited) && edited.ValueKind != JsonValueKind.Null ? edited : null,
                Reason = answer.TryGetProperty("reason"u8, out var reason) && reason.ValueKind == JsonValueKind.String
                    ? reason.GetString()
                    : null,
            };
    }

    // {"messages": "a text" or one message or […]}, or the messages alone.
    private static IEnumerable<(string? Id, string? Role, string Text)> MessagesOf(JsonElement? input)
    {
        var messages = input is { ValueKind: JsonValueKind.Object } state && state.TryGetProperty("messages"u8, out var inside)
            ? inside
            : input;
        return messages switch
        {
            { ValueKind: JsonValueKind.Array } several => several.EnumerateArray().Select(MessageOf),
            { ValueKind: JsonValueKind.String or JsonValueKind.Object } one => [MessageOf(one)],
            _ => [],
        };
    }

    private static (string? Id, string? Role, string Text) MessageOf(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.String)
        {
            return (null, "user", message.GetString()!);
        }

        if (message.ValueKind != JsonValueKind.Object)
        {
            return (null, null, "");
        }

        var role = TextOf(message, "role"u8) ?? TextOf(message, "type"u8);
        return (TextOf(message, "id"u8), role switch { "human" => "user", "ai" => "assistant", _ => role }, ContentOf(message));
    }

    private static string ContentOf(JsonElement message)
        => !message.TryGetProperty("content"u8, out var content) ? ""
            : content.ValueKind == JsonValueKind.String ? content.GetString()!
            : content.ValueKind != JsonValueKind.Array ? ""
            : string.Join('\n', content.EnumerateArray()
                .Where(part => part.ValueKind == JsonValueKind.Object && TextOf(part, "type"u8) == "text")
                .Select(part => TextOf(part, "text"u8) ?? ""));

    private static string? TextOf(JsonElement of, ReadOnlySpan<byte> name)
        => of.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
