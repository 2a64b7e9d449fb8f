using System.Text;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Session;

/// <summary>What records make of a state. Nothing else changes one.</summary>
internal static class LedgerFold
{
    /// <summary>Former epochs beyond this many are forgotten: their cursors get a snapshot.</summary>
    private const int MaxFormer = 100;

    /// <returns>The state after the record, and the run that it ended, if it ended one.</returns>
    public static (LedgerState State, KnownRun? Ended) Apply(LedgerState state, SessionRecord record, int conversationBytes)
    {
        state = record switch
        {
            EnqueuedRecord enqueued => Enqueue(state, enqueued),
            ClaimedRecord claimed => Claim(state, claimed),
            ReleasedRecord when state.Started is { } released => state with { Started = GiveUp(released) },
            AppendedRecord appended when state.Started is not null => Note(state, appended.Sequence, record),
            ParkedRecord parked when state.Started is { } parking => Note(state, parked.Sequence, record) with
            {
                Started = parking with { IfCancelled = parked.IfCancelled, ParkedAt = parked.At, Releases = parking.Releases + 1 },
            },
            EpochRecord renewed => Renew(state, renewed),
            TrimmedRecord trimmed => state with
            {
                TrimmedThrough = trimmed.Through,
                Former = FormerEpoch.After(state.Former, trimmed.Through),
                CutPoints = [.. state.CutPoints.Where(point => point.Through > trimmed.Through)],
            },
            _ => state,
        };

        LogEntry? end = null;
        var (run, unsettled) = (state.Started, state.Progress.Unsettled);
        foreach (var entry in record.Entries)
        {
            if (entry.Event is RunFinished)
            {
                end = entry;
            }
            else if (run?.Known.RunId == entry.RunId)
            {
                run = Hear(run, entry.Event);
                unsettled = UnsettledSteps.Hear(unsettled, entry);
            }
        }

        if (record.Checkpoint is { } checkpoint && run is not null)
        {
            run = run with { Checkpoints = run.Checkpoints + 1, Bytes = run.Bytes + checkpoint.Length };
            unsettled = UnsettledSteps.Cover(unsettled);
        }

        state = state with
        {
            LastSeq = record.Entries.Count > 0 ? record.Entries[^1].Offset : state.LastSeq,
            Started = run,
            Progress = ReferenceEquals(unsettled, state.Progress.Unsettled)
                ? state.Progress
                : state.Progress with { Unsettled = unsettled },
        };

        // A run that another one interrupted while it waited ends in the middle of a record: no place to cut. The other's end is one.
        return end is { Event: RunFinished finished }
            ? Finish(
                state, end.RunId, record.At, mayCut: end.Offset == state.LastSeq, isSteered: finished.SteeredRunId is not null,
                conversationBytes)
            : (state, null);
    }

    private static LedgerState Enqueue(LedgerState state, EnqueuedRecord enqueued)
    {
        if (enqueued.ReplacesFrom is { } first)
        {
            // The replaced run and all that were queued after it leave the conversation.
            state = state with
            {
                Turns = [.. state.Turns.Where(turn => turn.Seq < first)],
                Waiting =
                [
                    .. state.Waiting.Select(run => run.Known.Seq >= first ? run with { Known = Replace(run.Known), Steers = null } : run),
                ],
                Started = state.Started is { } run && run.Known.Seq >= first ? run with { Known = Replace(run.Known) } : state.Started,
            };
        }

        var joins = new WaitingRun(
            enqueued.ToKnown(), Encoding.UTF8.GetByteCount(enqueued.Request.Message), enqueued.Request.SteersRunId);
        return state with { Waiting = enqueued.InFront ? [joins, .. state.Waiting] : [.. state.Waiting, joins] };
    }

    private static KnownRun Replace(KnownRun run) => run with { Replaced = true };

    private static LedgerState Claim(LedgerState state, ClaimedRecord claimed)
    {
        if (state.Started is null)
        {
            var next = state.Waiting[0];
            state = state with
            {
                Waiting = [.. state.Waiting.Skip(1)],
                Started = new ClaimedRun { Known = next.Known, FirstStartedAt = claimed.At, Bytes = next.Bytes },
            };
        }

        var run = state.Started.Unpark(claimed.At);
        return state with
        {
            LastToken = claimed.Token,
            Progress = state.Progress with { Sequence = 0, Last = default },
            Started = run with
            {
                Claims = run.Claims + 1,
                Worker = claimed.Worker,
                Known = run.Known with { Token = claimed.Token, ClaimedIn = state.Epoch },
            },
        };
    }

    private static ClaimedRun GiveUp(ClaimedRun run) => run with { Releases = run.Releases + 1, Known = run.Known with { Token = 0 } };

    private static LedgerState Note(LedgerState state, long sequence, SessionRecord record) => state with
    {
        Progress = state.Progress with
        {
            Sequence = sequence,
            Last = record.Entries.Count > 0 ? record.Entries[^1].Offset : state.LastSeq,
        },
    };

    private static LedgerState Renew(LedgerState state, EpochRecord renewed)
    {
        IEnumerable<FormerEpoch> former = [.. state.Former, new FormerEpoch(state.Epoch, state.LastSeq)];
        return state with
        {
            Former = [.. former.TakeLast(MaxFormer)],
            Epoch = renewed.Epoch,
            Process = renewed.Process,
            Started = !renewed.EndsLease || state.Started is not { Known.Token: > 0 } run ? state.Started
                : run.IsParked ? run with { Known = run.Known with { Token = 0 } }
                : GiveUp(run),
        };
    }

    private static ClaimedRun Hear(ClaimedRun run, SessionEvent sessionEvent) => sessionEvent switch
    {
        ToolApprovalRequired question => run.Ask(question),
        ToolApprovalResolved decision => run.Resolve(decision),
        CancelRequested => run with { Known = run.Known with { CancelRequested = true } },
        _ => run,
    };

    private static (LedgerState State, KnownRun? Ended) Finish(
        LedgerState state, RunId runId, DateTimeOffset at, bool mayCut, bool isSteered, int conversationBytes)
    {
        KnownRun? ended;
        if (state.Started is { } run && run.Known.RunId == runId)
        {
            ended = run.Known with { Sequence = state.Progress.Sequence, LastOffset = state.Progress.Last };

            // What never started told the agent nothing, and what was replaced is unsaid.
            var turn = new KeptTurn(runId, run.Known.Seq, run.Checkpoints, run.Bytes);
            state = state with
            {
                Started = null,
                Progress = RunProgress.None,
                Turns = run.Known.Replaced ? state.Turns : Keep([.. state.Turns, turn], conversationBytes),
            };
        }
        else
        {
            ended = state.Waiting.FirstOrDefault(waiting => waiting.Known.RunId == runId)?.Known;
            state = state with { Waiting = [.. state.Waiting.Where(waiting => waiting.Known.RunId != runId)] };
        }

        return (
            state.Started is null && mayCut ? state with { CutPoints = [.. state.CutPoints, new CutPoint(state.LastSeq, at)] } : state,
            ended is null ? null : ended with { Finished = true, Steered = isSteered });
    }

    /// <summary>
    /// The oldest turns give way.
    /// The newest stays however large it is: without it the next prompt would know of nothing, and a summary that it carries would be lost.
    /// Where there is room for nothing, nothing is kept.
    /// </summary>
    private static IReadOnlyList<KeptTurn> Keep(IReadOnlyList<KeptTurn> turns, int conversationBytes)
    {
        if (conversationBytes == 0)
        {
            return [];
        }

        var (kept, bytes) = (1, turns[^1].Bytes);
        while (kept < turns.Count && bytes + turns[^(kept + 1)].Bytes <= conversationBytes)
        {
            kept++;
            bytes += turns[^kept].Bytes;
        }

        return kept == turns.Count ? turns : [.. turns.TakeLast(kept)];
    }
}
