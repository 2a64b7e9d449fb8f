using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Session;

/// <summary>What is known of the runs that a message names.</summary>
/// <param name="OfMessage">The run of the message's id, if that was used.</param>
/// <param name="OfRun">The run of the id that is named for it, if that was used.</param>
/// <param name="Replaced">The run that it stands in for, if the session knows it.</param>
internal readonly record struct NamedRuns(KnownRun? OfMessage, KnownRun? OfRun, KnownRun? Replaced);

/// <summary>The rules of a session, who may write what and what comes next, for every home: pure functions.</summary>
/// <remarks>
/// A command looks at the state and says what it makes of it: an answer, and at most one record.
/// What it needs beside the state is among its arguments.
/// Leases end by time, which is no matter of the records: each home keeps their ends.
/// </remarks>
internal static partial class SessionRules
{
    private const string Interrupt = "interrupt";

    /// <summary>The answer to a message whose id was used; <c>null</c> where it was not.</summary>
    /// <param name="known">The run of that id.</param>
    /// <param name="fingerprint">Of the message that asks.</param>
    public static EnqueueResult? Find(KnownRun? known, string fingerprint)
        => known is null ? null
            : known.Fingerprint == fingerprint ? new(EnqueueStatus.Duplicate, known.RunId, known.Seq)
            : new(EnqueueStatus.Conflict, default, default);

    public static (EnqueueResult Result, SessionRecord? Record) Enqueue(
        LedgerState state, NamedRuns named, RunRequest request, int maxQueuedRuns, DateTimeOffset now)
    {
        if (state.Owner != request.Owner)
        {
            return (new(EnqueueStatus.NotOwner, default, default), null);
        }

        var fingerprint = RequestFingerprint.Of(request);
        if (Find(named.OfMessage, fingerprint) is { } found)
        {
            return (found, null);
        }

        if (named.OfRun is not null)
        {
            throw new ArgumentException($"Run {request.RunId} is already known in session {request.SessionId}.", nameof(request));
        }

        // What another run took up stands in that one's turn: there is none of its own to stand in for.
        if (request.ReplacesRunId is not null && named.Replaced is null or { Steered: true })
        {
            return (new(EnqueueStatus.UnknownReplaced, default, default), null);
        }

        if (state.Busy && request.OnBusy == OnBusy.Reject)
        {
            return (new(EnqueueStatus.Busy, default, default), null);
        }

        if (state.Waiting.Count >= maxQueuedRuns)
        {
            return (new(EnqueueStatus.QueueFull, default, default), null);
        }

        var interrupts = request.OnBusy == OnBusy.Interrupt;
        var steers = request is { OnBusy: OnBusy.Steer, ReplacesRunId: null } && state.Next is { CancelRequested: false } underWay
            ? underWay.RunId
            : (RunId?)null;
        var writer = new EntryWriter(state.LastSeq, now);
        var ends = interrupts && state.Started is { IsParked: true };
        if (ends)
        {
            EndParked(state.Started!, writer, Interrupt);
        }
        else if (interrupts && state.Started is { Known.CancelRequested: false } started)
        {
            writer.Add(started.Known.RunId, new CancelRequested { By = Interrupt });
        }

        writer.Add(request.RunId, new RunQueued
        {
            Message = request.Message,
            MessageId = request.MessageId,
            AgentName = request.AgentName,
            EnableReasoning = request.EnableReasoning,
            Attachments = request.Attachments,
            ReplacesRunId = request.ReplacesRunId,
            Position = (state.Started is null || ends ? 0 : 1) + (interrupts ? 0 : state.Waiting.Count),
            SteersRunId = steers,
        });
        var record = new EnqueuedRecord
        {
            At = now,
            Request = request with { SteersRunId = steers },
            Fingerprint = fingerprint,
            InFront = interrupts,
            ReplacesFrom = named.Replaced?.Seq,
            Entries = writer.Entries,
        };
        return (new(EnqueueStatus.Accepted, request.RunId, record.Entries[^1].Offset), record);
    }

    /// <summary>
    /// The claim of the run under way, or of the first that waits. Whether its lease has run out is for the caller to know.
    /// </summary>
    public static ClaimedRecord? Claim(LedgerState state, string worker, DateTimeOffset now)
        => state.Next is { } next
            ? new ClaimedRecord { At = now, RunId = next.RunId, Token = state.LastToken + 1, Worker = worker }
            : null;

    /// <summary>Whether the lease is of this life of the log and the newest of a run that is not over.</summary>
    public static bool Holds(LedgerState state, RunLease lease)
        => state.Started is { IsParked: false } run && run.Known.RunId == lease.RunId && IsOf(run.Known, lease);

    public static ReleasedRecord? Release(LedgerState state, RunLease lease, DateTimeOffset now)
        => Holds(state, lease) ? new ReleasedRecord { At = now, RunId = lease.RunId } : null;

    /// <param name="state">The state.</param>
    /// <param name="runId">Which run; <c>null</c>: the one under way, or else the first that waits.</param>
    /// <param name="known">What is known of that run where it is none of those that are not over.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="now">When.</param>
    public static (CancelResult Result, SessionRecord? Record) Cancel(
        LedgerState state, RunId? runId, KnownRun? known, string by, DateTimeOffset now)
    {
        var target = runId is { } named
            ? state.Unfinished.FirstOrDefault(run => run.RunId == named) ?? known
            : state.Next;
        if (target is null)
        {
            return (new(CancelStatus.NotFound, null), null);
        }

        var id = target.RunId;
        if (target.Finished)
        {
            return (new(CancelStatus.AlreadyFinished, id), null);
        }

        if (state.Started is not { } run || run.Known.RunId != id)
        {
            return (
                new(CancelStatus.Cancelled, id),
                Cancelled(id, new EntryWriter(state.LastSeq, now).Add(id, new RunFinished { Status = RunStatus.Cancelled }), now));
        }

        if (run.Known.CancelRequested)
        {
            return (new(CancelStatus.Requested, id), null);
        }

        var writer = new EntryWriter(state.LastSeq, now);
        if (run.IsParked)
        {
            EndParked(run, writer, by);
            return (new(CancelStatus.Cancelled, id), Cancelled(id, writer, now));
        }

        writer.Add(id, new CancelRequested { By = by });
        return (new(CancelStatus.Requested, id), Cancelled(id, writer, now));
    }

    /// <summary>Up to where the log can be folded; <c>null</c>: nothing can.</summary>
    /// <param name="state">The state.</param>
    /// <param name="endedBy">The time since when a run has to have ended.</param>
    public static Offset? Cut(LedgerState state, DateTimeOffset endedBy)
    {
        var unfinished = state.FirstOfUnfinished;
        var cut = state.CutPoints.LastOrDefault(point => point.At <= endedBy && !(point.Through >= unfinished));
        return cut.Through > state.TrimmedThrough ? cut.Through : null;
    }

    /// <summary>
    /// The new epoch where this process, or this life of the server, is another than the one in which the present epoch began: it may have
    /// begun from less than clients have seen. What only names or forgets can be the same in two histories.
    /// </summary>
    public static EpochRecord? GoOn(LedgerState state, string process, SessionRecord? next, DateTimeOffset now)
        => process.Length == 0 || state.Process == process || next is null or BaseRecord or RenamedRecord or TrimmedRecord or EpochRecord
            ? null
            : new EpochRecord { At = now, Epoch = Epoch.New(), Process = process };

    private static CancelledRecord Cancelled(RunId runId, EntryWriter writer, DateTimeOffset now)
        => new() { At = now, RunId = runId, Entries = writer.Entries };

    private static bool IsOf(KnownRun run, RunLease lease)
        => run.Token == lease.Token.Value && run.Token != 0 && run.ClaimedIn == lease.Epoch;
}
