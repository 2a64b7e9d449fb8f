using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>Finds or begins the run that a request is about.</summary>
internal static class UiMessageRuns
{
    private const string Regenerate = "regenerate-message";
    private const string Responded = "approval-responded";
    private const string OutputAvailable = "output-available";
    private const string OutputError = "output-error";

    /// <summary>How long after its end a run is still told to who asks for what is under way.</summary>
    internal static readonly TimeSpan JustOver = TimeSpan.FromMinutes(1);

    public static async ValueTask<Answer<RunReading>> BeginAsync(HttpContext context, WireCommands commands, UiMessageInput input)
    {
        if (!SessionId.TryParse(input.Id, out var sessionId))
        {
            return new Refusal(ErrorCodes.InvalidId, "id takes 1 to 128 of the characters A-Z a-z 0-9 _ -");
        }

        if (input.Messages is not [.., { } last] messages || messages.Any(message => message is null))
        {
            return new Refusal(ErrorCodes.InvalidMessage, "messages is missing or empty: write what you want to ask.");
        }

        if ((await commands.SnapshotAsync(context, sessionId)).IsRefused(out var refusal, out var snapshot))
        {
            return refusal;
        }

        return last.Role == "assistant"
            ? await AnswerAsync(context, commands, snapshot, last)
            : await AskAsync(context, commands, snapshot, input, messages, last);
    }

    /// <summary>
    /// The run that is under way, or the first that waits for its turn, from its beginning; or the last one where it has just ended,
    /// since whoever was cut off before its end asks in the same way. <c>null</c>: there is none.
    /// </summary>
    public static RunReading? UnderWay(SnapshotData snapshot, DateTimeOffset now)
    {
        var last = snapshot.Messages.LastOrDefault(message => message.ReplacedBy is null);
        var run = snapshot.ActiveRun?.RunId
            ?? (snapshot.QueuedRuns is [var first, ..] ? first : (RunId?)null)
            ?? (last?.FinishedAt > now - JustOver ? last.RunId : (RunId?)null);
        return snapshot.Messages.FirstOrDefault(message => message.RunId == run) is { } message
            ? FromItsBeginning(snapshot.SessionId, message.RunId, message.Seq, isBack: true)
            : null;
    }

    // From the log and not from a snapshot: this says as what a text was streamed.
    private static RunReading FromItsBeginning(SessionId sessionId, RunId runId, Offset queued, bool isBack)
    {
        var translation = new UiMessageTranslation(sessionId, runId);
        return new RunReading(
            sessionId, new Cursor(null, new Offset(queued.Value - 1)), new RunFold(runId), isBack ? translation.ComeBack() : translation);
    }

    private static async ValueTask<Answer<RunReading>> AskAsync(
        HttpContext context, WireCommands commands, SnapshotData snapshot, UiMessageInput input, IReadOnlyList<UiMessage> messages,
        UiMessage last)
    {
        // The newest run of this message: it may have been asked for again before.
        var known = snapshot.Messages.LastOrDefault(message => message.ReplacedBy is null && IdOf(message) == last.Id);
        if (known is not null && input.Trigger != Regenerate && known.Message == last.Text)
        {
            return FromItsBeginning(snapshot.SessionId, known.RunId, known.Seq, isBack: true);
        }

        string[] previous = [.. from message in messages.SkipLast(1) where message.Role == "user" select message.Id ?? ""];
        var payload = new ChatPayload
        {
            Message = last.Text,
            MessageId = known is null ? last.Id : AgainId(last.Id!),
            AgentName = input.Agent,
            Tools = input.Tools,
            History = snapshot.LastSeq == Offset.Start
                ? ClientHistory.Of(messages.SkipLast(1).Select(message => (message.Role, message.Text)))
                : null,
            ReplacesRunId = (known?.RunId ?? ClientHistory.Replaced(snapshot, previous, IdOf))?.Value,
        };
        return (await commands.ChatAsync(context, snapshot.SessionId, payload)).IsRefused(out var refusal, out var accepted)
            ? refusal
            : FromItsBeginning(snapshot.SessionId, accepted.RunId, accepted.Seq, isBack: accepted.Duplicate);
    }

    // The chat sends its last message again, with what a person said to its calls, or what came of its own, in it:
    // what comes goes on in that message.
    private static async ValueTask<Answer<RunReading>> AnswerAsync(
        HttpContext context, WireCommands commands, SnapshotData snapshot, UiMessage last)
    {
        var answered = (last.Parts ?? []).Where(part => part is { State: Responded, Approval: not null }).ToList();
        var done = (last.Parts ?? []).Where(part => part is { State: OutputAvailable or OutputError, ToolCallId: not null }).ToList();
        if (answered.Count == 0 && done.Count == 0)
        {
            return new Refusal(
                ErrorCodes.InvalidMessage, "The last message is the assistant's, and answers no tool call: write what you want to ask.");
        }

        if (snapshot.ActiveRun is not { } active || active.RunId.Value != last.Id)
        {
            return new Refusal(ErrorCodes.NoSuchApproval, "Nothing of this message waits for an answer any more.");
        }

        var asked = active.PendingApprovals.Select(question => question.ToolCallId.Value).ToHashSet(StringComparer.Ordinal);
        var taken = new List<ToolCallId>();
        foreach (var part in done.Where(part => asked.Contains(part.ToolCallId!)))
        {
            var payload = new ToolResultPayload
            {
                RunId = active.RunId.Value,
                ToolCallId = part.ToolCallId,
                Result = part.State == OutputError ? part.ErrorText ?? "" : UiOutput.TextOf(part.Output),
                IsError = part.State == OutputError,
            };
            if (await commands.GiveResultAsync(context, snapshot.SessionId, payload) is { } refusal)
            {
                return refusal;
            }

            taken.Add(ToolCallId.Parse(payload.ToolCallId!));
        }

        foreach (var part in answered.Where(part => asked.Contains(part.Approval!.Id ?? "")))
        {
            var payload = new ToolApprovalPayload
            {
                RunId = active.RunId.Value,
                ToolCallId = part.Approval!.Id,
                Approved = part.Approval.Approved,
                Reason = part.Approval.Reason,
            };
            if (await commands.ApproveAsync(context, snapshot.SessionId, payload) is { } refusal)
            {
                return refusal;
            }

            taken.Add(ToolCallId.Parse(payload.ToolCallId!));
        }

        if (taken.Count == 0)
        {
            return new Refusal(ErrorCodes.AlreadyAnswered, "These tool calls were answered before: the first answer counts.");
        }

        var fold = new RunFold(active.RunId);
        var translation = new UiMessageTranslation(snapshot.SessionId, active.RunId);
        translation.GoOn(fold.Take(snapshot) ?? [], taken);
        return new RunReading(snapshot.SessionId, new Cursor(snapshot.Epoch, snapshot.LastSeq), fold, translation);
    }

    private static string AgainId(string id) => MessageId.TryParse($"{id}~{Guid.CreateVersion7():n}", out var again) ? again.Value : id;

    private static string IdOf(TranscriptMessage message)
    {
        var text = message.MessageId.Value;
        var end = text.LastIndexOf('~');
        return end > 0 ? text[..end] : text;
    }
}
