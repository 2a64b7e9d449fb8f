using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>The routes of threads, which are sessions: there from their first message on.</summary>
internal static class LangGraphThreads
{
    private const int MostStates = 50;

    /// <summary>Names a thread: it is there from its first message on.</summary>
    public static async Task<IResult> CreateAsync(HttpContext context, WireCommands commands, TimeProvider time)
    {
        if ((await commands.ReadAsync(context, LangGraphJson.Wire.LangGraphNewThread)).IsRefused(out var unreadable, out var asked))
        {
            return ApiResults.Refused(unreadable);
        }

        if (asked.ThreadId is { } given && !SessionId.TryParse(given, out _))
        {
            return ApiResults.Refused(new Refusal(ErrorCodes.InvalidId, "thread_id takes 1 to 128 of the characters A-Z a-z 0-9 _ -"));
        }

        if (asked.ThreadId is { } named
            && (await commands.SnapshotAsync(context, SessionId.Parse(named))).IsRefused(out var taken, out _))
        {
            return ApiResults.Refused(taken);
        }

        var now = time.GetUtcNow();
        var thread = new LangGraphThread
        {
            ThreadId = asked.ThreadId ?? SessionId.New().Value,
            CreatedAt = now,
            UpdatedAt = now,
            Status = "idle",
            Values = new LangGraphValues([]),
        };
        return ApiResults.Json(thread, LangGraphJson.Wire.LangGraphThread);
    }

    public static async Task<IResult> ReadAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId threadId, WireCommands commands)
    {
        if ((await LangGraphRuns.ReadAsync(context, commands, threadId)).IsRefused(out var refusal, out var snapshot))
        {
            return ApiResults.Refused(refusal);
        }

        var last = snapshot.Messages[^1];
        var thread = new LangGraphThread
        {
            ThreadId = threadId.Value,
            CreatedAt = snapshot.Messages[0].QueuedAt,
            UpdatedAt = last.FinishedAt ?? last.QueuedAt,
            Status = InterruptsOf(snapshot) is not null ? "interrupted"
                : snapshot.ActiveRun is not null || snapshot.QueuedRuns.Count > 0 ? "busy"
                : "idle",
            Values = ValuesOf(snapshot),
            Interrupts = InterruptsOf(snapshot) is { } asked
                ? new Dictionary<string, IReadOnlyList<LangGraphInterrupt>> { [snapshot.ActiveRun!.RunId.Value] = asked }
                : [],
        };
        return ApiResults.Json(thread, LangGraphJson.Wire.LangGraphThread);
    }

    public static async Task<IResult> StateAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId threadId, WireCommands commands)
        => (await LangGraphRuns.ReadAsync(context, commands, threadId)).IsRefused(out var refusal, out var snapshot)
            ? ApiResults.Refused(refusal)
            : ApiResults.Json(StateOf(snapshot, Present(snapshot), isNewest: true), LangGraphJson.Wire.LangGraphState);

    /// <summary>The states after each run, the newest first.</summary>
    public static async Task<IResult> HistoryAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId threadId, WireCommands commands)
    {
        if ((await commands.ReadAsync(context, LangGraphJson.Wire.LangGraphHistoryQuery)).IsRefused(out var unreadable, out var query))
        {
            return ApiResults.Refused(unreadable);
        }

        if ((await LangGraphRuns.ReadAsync(context, commands, threadId)).IsRefused(out var refusal, out var snapshot))
        {
            return ApiResults.Refused(refusal);
        }

        var present = Present(snapshot);
        var count = Math.Min(Math.Clamp(query.Limit ?? 10, 1, MostStates), present.Count);
        return ApiResults.Json(
            [.. Enumerable.Range(0, count).Select(back => StateOf(snapshot, present[..(present.Count - back)], back == 0))],
            LangGraphJson.Wire.LangGraphStateArray);
    }

    /// <summary>All that was said in a thread, with what it asks.</summary>
    public static LangGraphValues ValuesOf(SnapshotData snapshot)
        => new(LangGraphConversation.Of(snapshot.Messages)) { Interrupts = InterruptsOf(snapshot) };

    /// <summary>What the run under way asks a person; <c>null</c>: nothing.</summary>
    public static IReadOnlyList<LangGraphInterrupt>? InterruptsOf(SnapshotData snapshot)
        => snapshot.ActiveRun?.PendingApprovals.Where(question => question.ClientTool is not true).ToList() is { Count: > 0 } asked
            ? [.. asked.Select(LangGraphConversation.Of)]
            : null;

    private static List<TranscriptMessage> Present(SnapshotData snapshot)
        => [.. snapshot.Messages.Where(message => message.ReplacedBy is null)];

    private static LangGraphState StateOf(SnapshotData snapshot, List<TranscriptMessage> upTo, bool isNewest)
    {
        var isUnderWay = isNewest && snapshot.ActiveRun is not null;
        return new LangGraphState
        {
            Values = new LangGraphValues(LangGraphConversation.Of(upTo)) { Interrupts = isNewest ? InterruptsOf(snapshot) : null },
            Next = isUnderWay ? ["agent"] : [],
            Tasks = isUnderWay ? [new LangGraphTask(snapshot.ActiveRun!.RunId.Value, "agent", InterruptsOf(snapshot) ?? [])] : [],
            Checkpoint = CheckpointOf(snapshot, upTo.LastOrDefault()),
            ParentCheckpoint = upTo.Count > 1 ? CheckpointOf(snapshot, upTo[^2]) : null,
            CreatedAt = upTo.LastOrDefault()?.QueuedAt,
        };
    }

    private static LangGraphCheckpoint CheckpointOf(SnapshotData snapshot, TranscriptMessage? last) => new()
    {
        ThreadId = snapshot.SessionId.Value,
        CheckpointNs = "",
        CheckpointId = last?.RunId.Value,
    };
}
