using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Session;

/// <content>What runs write, and what people answer them.</content>
internal static partial class SessionRules
{
    /// <param name="state">The state.</param>
    /// <param name="known">What is known of the lease's run where it is not under way.</param>
    /// <param name="append">What to write.</param>
    /// <param name="finished">The end of the run, where this is its last write.</param>
    /// <param name="ifCancelled">The end of the run if it is cancelled while it waits, where this write parks it.</param>
    /// <param name="now">When.</param>
    public static (AppendResult Result, SessionRecord? Record) Append(
        LedgerState state, KnownRun? known, RunAppend append, RunFinished? finished, RunFinished? ifCancelled, DateTimeOffset now)
    {
        var lease = append.Lease;
        var underWay = state.Started is { } started && started.Known.RunId == lease.RunId;
        var run = underWay ? state.Started!.Known : known;
        if (run is null || !IsOf(run, lease))
        {
            return (new(AppendStatus.LeaseLost, default, false), null);
        }

        var (sequence, last) = underWay ? (state.Progress.Sequence, state.Progress.Last) : (run.Sequence, run.LastOffset);
        if (append.Sequence == sequence)
        {
            var answer = new AppendResult(AppendStatus.Appended, last, run.CancelRequested)
            {
                HasSteering = underWay && state.SteeringOf(run.RunId).Any(),
            };
            return (answer, null);
        }

        if (append.Sequence != sequence + 1 || !underWay || state.Started!.IsParked)
        {
            return (new(AppendStatus.LeaseLost, default, false), null);
        }

        if (run.CancelRequested
            && (append.RefuseIfCancelRequested || ifCancelled is not null || finished is { Status: not RunStatus.Cancelled }))
        {
            return (new(AppendStatus.CancelRequested, default, true), null);
        }

        var taken = append.Events.OfType<MessageSteered>().FirstOrDefault()?.QueuedRunId;
        if (taken is not null && finished is not null)
        {
            throw new ArgumentException("A run that ends takes nothing up.", nameof(append));
        }

        if (taken is not null && !state.SteeringOf(run.RunId).Contains(taken.Value))
        {
            return (new(AppendStatus.NotWaiting, default, run.CancelRequested), null);
        }

        var writer = new EntryWriter(state.LastSeq, now);
        foreach (var sessionEvent in append.Events)
        {
            writer.Add(lease.RunId, sessionEvent);
        }

        if (taken is { } waiting)
        {
            writer.Add(waiting, new RunFinished { Status = RunStatus.Completed, SteeredRunId = run.RunId });
        }

        if (finished is not null)
        {
            writer.Add(lease.RunId, finished);
        }

        return (
            new(AppendStatus.Appended, writer.Last, run.CancelRequested)
            {
                HasSteering = finished is null && state.SteeringOf(run.RunId).Any(other => other != taken),
            },
            ifCancelled is not null
            ? new ParkedRecord
            {
                At = now,
                RunId = lease.RunId,
                Sequence = append.Sequence,
                Entries = writer.Entries,
                Checkpoint = append.Checkpoint,
                IfCancelled = ifCancelled,
            }
            : new AppendedRecord
            {
                At = now,
                RunId = lease.RunId,
                Sequence = append.Sequence,
                Entries = writer.Entries,
                Checkpoint = append.Checkpoint,
            });
    }

    public static (AnswerResult Result, SessionRecord? Record) Answer(LedgerState state, ApprovalAnswer answer, DateTimeOffset now)
    {
        if (state.Started is not { } run || run.Known.RunId != answer.RunId || run.ApprovalOf(answer.ToolCallId) is not { } approval)
        {
            return (new(AnswerStatus.NotFound, null), null);
        }

        if (answer.Approved && (answer.Result is not null) != (approval.Question.ClientTool is true))
        {
            return (new(AnswerStatus.WrongKind, null), null);
        }

        // What has expired is said before anything else is decided, and with it.
        var writer = Expired(state, run, now);
        var question = approval.Question;
        var decision = approval.Decision ?? (question.ExpiresAt <= now ? Resolutions.Expired(answer.ToolCallId) : null);
        if (decision is null)
        {
            decision = Resolutions.Of(answer, question.Arguments);
            writer.Add(answer.RunId, decision);
            return (new(AnswerStatus.Accepted, decision), Resolved(run, writer, now));
        }

        return (new(AnswerStatus.AlreadyResolved, decision), Resolved(run, writer, now));
    }

    /// <summary>Says of all questions whose time is over that nobody answered; <c>null</c> where there are none.</summary>
    public static SessionRecord? Expire(LedgerState state, DateTimeOffset now)
        => state.Started is { } run ? Resolved(run, Expired(state, run, now), now) : null;

    /// <summary>Describes a claim to the worker that has just made it.</summary>
    /// <param name="state">The state after the claim.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="records">What was asked for, and recorded, by the run and by those of the conversation.</param>
    /// <param name="entries">The log from the first entry on that no checkpoint covers.</param>
    /// <param name="leaseDuration">How long it lasts.</param>
    public static RunClaim Describe(
        LedgerState state, SessionId sessionId, Func<RunId, RunRecords> records, IEnumerable<LogEntry> entries, TimeSpan leaseDuration)
    {
        var run = state.Started ?? throw new InvalidOperationException("No run was claimed.");
        var own = records(run.Known.RunId);
        return new RunClaim
        {
            Lease = new RunLease(sessionId, run.Known.RunId, state.Epoch, new FencingToken(run.Known.Token), leaseDuration),
            Request = own.Request,
            Attempt = run.Claims - run.Releases,
            ClaimNumber = run.Claims,
            FirstStartedAt = run.FirstStartedAt,
            Parked = run.Parked,
            Approvals = [.. run.Approvals.Select(approval => approval.Decision).OfType<ToolApprovalResolved>()],
            Checkpoints = [.. own.Checkpoints],
            Conversation = [.. state.Turns.Select(turn => ToTurn(turn, records(turn.RunId)))],
            Unsettled = UnsettledSteps.Read(state.Progress.Unsettled, entries),
            CancelRequested = run.Known.CancelRequested,
        };
    }

    private static ConversationTurn ToTurn(KeptTurn turn, RunRecords records)
        => new(turn.RunId, records.Request.Message, [.. records.Checkpoints])
        {
            Seq = turn.Seq,
            Attachments = records.Request.Attachments,
        };

    private static EntryWriter Expired(LedgerState state, ClaimedRun run, DateTimeOffset now)
    {
        var writer = new EntryWriter(state.LastSeq, now);
        foreach (var question in run.Open.Where(question => question.ExpiresAt <= now))
        {
            writer.Add(run.Known.RunId, Resolutions.Expired(question.ToolCallId));
        }

        return writer;
    }

    private static ResolvedRecord? Resolved(ClaimedRun run, EntryWriter writer, DateTimeOffset now)
        => writer.Entries.Count == 0 ? null : new ResolvedRecord { At = now, RunId = run.Known.RunId, Entries = writer.Entries };

    /// <summary>The end of the parked run: nobody can answer any more, and nobody has it who could end it.</summary>
    private static void EndParked(ClaimedRun run, EntryWriter writer, string by)
    {
        foreach (var question in run.Open)
        {
            writer.Add(run.Known.RunId, Resolutions.Cancelled(question.ToolCallId, by));
        }

        writer.Add(run.Known.RunId, run.IfCancelled!);
    }
}

/// <summary>What was asked of a run, and what it recorded.</summary>
internal sealed record RunRecords(RunRequest Request, IReadOnlyList<ReadOnlyMemory<byte>> Checkpoints);
