using System.Text.Json;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>Finds or begins the run that a request is about.</summary>
internal static class AgUiRuns
{
    private const int PageSize = 100;

    /// <summary>The answer to a run's POST: a new run, one that is known already, or one whose interrupts are answered.</summary>
    public static async ValueTask<Answer<RunReading>> BeginAsync(HttpContext context, WireCommands commands, AgUiRequest request)
    {
        if ((await commands.SnapshotAsync(context, request.SessionId)).IsRefused(out var refusal, out var snapshot))
        {
            return refusal;
        }

        if (request.Resume.Count > 0)
        {
            return await AnswerAsync(context, commands, request, snapshot);
        }

        var asked = snapshot.Messages.LastOrDefault(
            message => message.ReplacedBy is null && AgUiIds.ClientIdOf(message) == request.QuestionId);
        if (asked is not null && HasResultOf(asked, snapshot, request))
        {
            return (await GiveResultsAsync(context, commands, request, snapshot)).IsRefused(out var notTaken, out var given)
                ? notTaken
                : ComeBack(request.Thread, snapshot, asked.RunId, given);
        }

        var messageId = AgUiIds.Of(request.QuestionId, request.RunId);
        var known = snapshot.Messages.FirstOrDefault(message => message.MessageId == messageId);
        if ((known ?? (asked is { FinishedAt: null } ? asked : null)) is { } present)
        {
            return ComeBack(request.Thread, snapshot, present.RunId, []);
        }

        var payload = new ChatPayload
        {
            Message = request.Question,
            MessageId = messageId.Value,
            AgentName = request.Agent,
            Context = request.Context,
            History = snapshot.LastSeq == Offset.Start ? ClientHistory.Of(request.Earlier) : null,
            ReplacesRunId = (asked?.RunId ?? ClientHistory.Replaced(snapshot, request.EarlierQuestions, AgUiIds.ClientIdOf))?.Value,
            Tools = request.Tools,
            OnBusy = "reject",
        };
        if ((await commands.ChatAsync(context, request.SessionId, payload)).IsRefused(out var refused, out var accepted))
        {
            return refused;
        }

        return new RunReading(
            request.SessionId,
            new Cursor(null, new Offset(accepted.Seq.Value - 1)),
            new RunFold(accepted.RunId),
            new AgUiTranslation(request.Thread, accepted.RunId));
    }

    /// <summary>The whole conversation, and the run that is under way, or was the last.</summary>
    /// <param name="context">The request.</param>
    /// <param name="commands">What may be asked.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="runId">What the client calls its run; <c>null</c>: it does not know.</param>
    public static async ValueTask<Answer<RunReading>> ConnectAsync(
        HttpContext context, WireCommands commands, SessionId sessionId, string? runId)
    {
        if ((await commands.SnapshotAsync(context, sessionId)).IsRefused(out var refusal, out var snapshot))
        {
            return refusal;
        }

        var present = snapshot.Messages.Where(message => message.ReplacedBy is null).ToList();
        var run = present.Find(message => message.RunId == snapshot.ActiveRun?.RunId) ?? present.LastOrDefault();
        if (run is null)
        {
            return CallerRefusals.NoSuchSession;
        }

        var before = new List<JsonElement>();
        for (Offset? end = run.Seq; end is not null;)
        {
            if ((await commands.TranscriptAsync(context, sessionId, end, PageSize)).IsRefused(out var gone, out var page))
            {
                return gone;
            }

            before.InsertRange(0, page.Messages.Where(message => message.ReplacedBy is null).SelectMany(AgUiConversation.Of));
            end = page is { HasMore: true, Messages: [var first, ..] } ? first.Seq : null;
        }

        before.AddRange(AgUiConversation.Of(run with { Steps = [] }));
        var thread = new AgUiThread(sessionId, sessionId.Value, runId ?? run.RunId.Value, before);
        return ComeBack(thread, snapshot, run.RunId, []);
    }

    private static RunReading ComeBack(AgUiThread thread, SnapshotData snapshot, RunId runId, IEnumerable<ToolCallId> answered)
    {
        var fold = new RunFold(runId);
        var translation = new AgUiTranslation(thread, runId);
        translation.ComeBack(fold.Take(snapshot) ?? [], answered);
        return new RunReading(thread.SessionId, new Cursor(snapshot.Epoch, snapshot.LastSeq), fold, translation);
    }

    private static async ValueTask<Answer<RunReading>> AnswerAsync(
        HttpContext context, WireCommands commands, AgUiRequest request, SnapshotData snapshot)
    {
        var answers = new List<ToolApprovalPayload>();
        RunId? run = null;
        foreach (var resume in request.Resume)
        {
            if (AnswerOf(resume).IsRefused(out var invalid, out var answer))
            {
                return invalid;
            }

            // One that was answered before is no news: the request may be here for the second time.
            if (snapshot.ActiveRun is { } active && active.PendingApprovals.Any(question => IsOf(question.ToolCallId, answer)))
            {
                answers.Add(answer with { RunId = active.RunId.Value });
                run = active.RunId;
            }
            else if (snapshot.Messages.LastOrDefault(
                message => message.Approvals?.Any(approval => IsOf(approval.ToolCallId, answer)) == true) is { } message)
            {
                run ??= message.RunId;
            }
            else
            {
                return new Refusal(
                    ErrorCodes.NoSuchApproval, "No such interrupt is open in this thread: it never was, or its run is over.");
            }
        }

        foreach (var answer in answers)
        {
            if (await commands.ApproveAsync(context, request.SessionId, answer) is { } refusal
                && refusal.Code != ErrorCodes.AlreadyAnswered)
            {
                return refusal;
            }
        }

        return (await GiveResultsAsync(context, commands, request, snapshot)).IsRefused(out var notTaken, out var given)
            ? notTaken
            : ComeBack(
                request.Thread, snapshot, run!.Value, answers.Select(answer => ToolCallId.Parse(answer.ToolCallId!)).Concat(given));
    }

    // What goes on with a result is the run that asked for it, also where the request is here for the second time.
    private static bool HasResultOf(TranscriptMessage asked, SnapshotData snapshot, AgUiRequest request)
        => asked.Approvals?.Any(call => call.ClientTool is true && request.Results.ContainsKey(call.ToolCallId.Value)) == true
            || (snapshot.ActiveRun?.RunId == asked.RunId && WaitingFor(snapshot, request).Any());

    private static IEnumerable<ToolCallId> WaitingFor(SnapshotData snapshot, AgUiRequest request)
        => from call in snapshot.ActiveRun?.PendingApprovals ?? []
           where call.ClientTool is true && request.Results.ContainsKey(call.ToolCallId.Value)
           select call.ToolCallId;

    /// <returns>The calls whose results were taken.</returns>
    private static async ValueTask<Answer<IReadOnlyList<ToolCallId>>> GiveResultsAsync(
        HttpContext context, WireCommands commands, AgUiRequest request, SnapshotData snapshot)
    {
        var calls = WaitingFor(snapshot, request).ToList();
        foreach (var call in calls)
        {
            var result = request.Results[call.Value];
            var payload = new ToolResultPayload
            {
                RunId = snapshot.ActiveRun!.RunId.Value,
                ToolCallId = call.Value,
                Result = result.Content.Length > 0 ? result.Content : result.Error ?? "",
                IsError = result.Error is not null,
            };
            if (await commands.GiveResultAsync(context, request.SessionId, payload) is { } refusal
                && refusal.Code != ErrorCodes.AlreadyAnswered)
            {
                return refusal;
            }
        }

        return calls;
    }

    private static bool IsOf(ToolCallId call, ToolApprovalPayload answer) => call.Value == answer.ToolCallId;

    private static Answer<ToolApprovalPayload> AnswerOf(AgUiResume resume)
    {
        if (!ToolCallId.TryParse(resume.InterruptId, out _))
        {
            return new Refusal(ErrorCodes.InvalidId, "interruptId takes the id of an interrupt that a run of this thread ended with.");
        }

        if (resume.Status == "cancelled")
        {
            return new ToolApprovalPayload { ToolCallId = resume.InterruptId, Approved = false };
        }

        if (resume.Status != "resolved"
            || resume.Payload is not { ValueKind: JsonValueKind.Object } payload
            || !payload.TryGetProperty("approved"u8, out var approved)
            || approved.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return new Refusal(
                ErrorCodes.InvalidOption,
                "resume takes status cancelled, or resolved with the payload {\"approved\": true or false, \"editedArgs\"?, \"reason\"?}.");
        }

        return new ToolApprovalPayload
        {
            ToolCallId = resume.InterruptId,
            Approved = approved.GetBoolean(),
            Arguments = payload.TryGetProperty("editedArgs"u8, out var edited) && edited.ValueKind != JsonValueKind.Null ? edited : null,
            Reason = payload.TryGetProperty("reason"u8, out var reason) && reason.ValueKind == JsonValueKind.String
                ? reason.GetString()
                : null,
        };
    }
}
