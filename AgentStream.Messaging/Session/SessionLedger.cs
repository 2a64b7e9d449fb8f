using System.Text;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Session;

/// <summary>The rules of one session, who may write what and what comes next: a pure state machine. Not safe for several threads.</summary>
/// <remarks>
/// A command checks the state and says what it makes of it: an answer, and at most one record.
/// <see cref="Apply"/> alone changes the state, and is all that replay needs.
/// Leases end by time, which is no matter of the records: each home keeps their ends.
/// </remarks>
internal sealed class SessionLedger
{
    private readonly int _conversationBytes;
    private readonly Dictionary<MessageId, KnownRun> _messages = [];
    private readonly Dictionary<RunId, KnownRun> _runs = [];
    private readonly List<RunRequest> _waiting = [];
    private readonly List<ConversationTurn> _conversation = [];
    private readonly List<CutPoint> _cutPoints = [];
    private readonly Epoch _firstEpoch;
    private long _lastToken;

    public SessionLedger(SessionBase session, int conversationBytes)
    {
        _conversationBytes = conversationBytes;
        Epoch = _firstEpoch = session.Epoch;
        Former = session.Former ?? [];
        Process = session.Process;
        LastSeq = session.TrimmedThrough;
        _lastToken = session.LastToken;
        foreach (var run in session.Runs)
        {
            // Copied, because a ledger changes what it knows of a run, and a base never changes.
            Remember(run with { });
        }

        _waiting.AddRange(session.Waiting);
        _conversation.AddRange(session.Conversation.Select(turn => turn with { Seq = _runs[turn.RunId].Seq }));
    }

    public Epoch Epoch { get; private set; }

    /// <summary>The epochs that this one goes on from, the oldest first.</summary>
    public IReadOnlyList<FormerEpoch> Former { get; private set; }

    /// <summary>The process in which the epoch began.</summary>
    public string? Process { get; private set; }

    public Offset LastSeq { get; private set; }

    /// <summary>The run that was claimed at least once and is not over.</summary>
    public ClaimedRun? Started { get; private set; }

    /// <summary>
    /// Whether any run is not over, one that waits for people included.
    /// The one question for whoever wants to put a session away: not while this holds.
    /// </summary>
    public bool Busy => Started is not null || _waiting.Count > 0;

    /// <summary>Whether a run waits that nobody has to finish first.</summary>
    public bool HasNext => Started is null && _waiting.Count > 0;

    /// <summary>Ends of runs at which none was under way, oldest first: where the log may be cut.</summary>
    public IReadOnlyList<CutPoint> CutPoints => _cutPoints;

    /// <summary>The first entry of all runs that are not over; <c>null</c> where all are.</summary>
    public Offset? FirstOfUnfinished
    {
        get
        {
            Offset? first = Started?.Known.Seq;
            foreach (var request in _waiting)
            {
                var seq = _runs[request.RunId].Seq;
                first = first < seq ? first : seq;
            }

            return first;
        }
    }

    /// <summary>The answer to a message that was taken before, or whose id was; <c>null</c> where neither was.</summary>
    public EnqueueResult? Find(RunRequest request) => Find(request.MessageId, RequestFingerprint.Of(request));

    private EnqueueResult? Find(MessageId messageId, string fingerprint)
        => !_messages.TryGetValue(messageId, out var known) ? null
            : known.Fingerprint == fingerprint ? new(EnqueueStatus.Duplicate, known.RunId, known.Seq)
            : new(EnqueueStatus.Conflict, default, default);

    public (EnqueueResult Result, JournalRecord? Record) Enqueue(RunRequest request, int maxQueuedRuns, DateTimeOffset now)
    {
        var fingerprint = RequestFingerprint.Of(request);
        if (Find(request.MessageId, fingerprint) is { } found)
        {
            return (found, null);
        }

        if (_runs.ContainsKey(request.RunId))
        {
            throw new ArgumentException($"Run {request.RunId} is already known in session {request.SessionId}.", nameof(request));
        }

        if (request.ReplacesRunId is { } replaced && !_runs.ContainsKey(replaced))
        {
            return (new(EnqueueStatus.UnknownReplaced, default, default), null);
        }

        if (Busy && request.OnBusy == OnBusy.Reject)
        {
            return (new(EnqueueStatus.Busy, default, default), null);
        }

        if (_waiting.Count >= maxQueuedRuns)
        {
            return (new(EnqueueStatus.QueueFull, default, default), null);
        }

        var interrupts = request.OnBusy == OnBusy.Interrupt;
        var writer = new EntryWriter(LastSeq, now);
        var ends = interrupts && Started is { IsParked: true };
        if (ends)
        {
            EndParked(writer, "interrupt");
        }
        else if (interrupts && Started is { Known.CancelRequested: false } started)
        {
            writer.Add(started.Known.RunId, new CancelRequested { By = "interrupt" });
        }

        writer.Add(request.RunId, new RunQueued
        {
            Message = request.Message,
            MessageId = request.MessageId,
            AgentName = request.AgentName,
            EnableReasoning = request.EnableReasoning,
            ReplacesRunId = request.ReplacesRunId,
            Position = (Started is null || ends ? 0 : 1) + (interrupts ? 0 : _waiting.Count),
        });
        var record = new EnqueuedRecord
        {
            At = now,
            Request = request,
            Fingerprint = fingerprint,
            InFront = interrupts,
            Entries = writer.Entries,
        };
        return (new(EnqueueStatus.Accepted, request.RunId, record.Entries[^1].Offset), record);
    }

    /// <summary>The time at which the first open question of a parked run expires; <c>null</c> where none is open.</summary>
    public DateTimeOffset? NextExpiry => Started is { IsWaiting: true } run ? run.Open.Min(question => question.ExpiresAt) : null;

    public (AnswerResult Result, JournalRecord? Record) Answer(ApprovalAnswer answer, DateTimeOffset now)
    {
        if (Started is not { } run || run.Known.RunId != answer.RunId || run.QuestionOf(answer.ToolCallId) is not { } question)
        {
            return (new(AnswerStatus.NotFound, null), null);
        }

        // What has expired is said before anything else is decided, and with it.
        var writer = Expired(run, now);
        var decision = run.DecisionOf(answer.ToolCallId) ?? (question.ExpiresAt <= now ? Resolutions.Expired(answer.ToolCallId) : null);
        if (decision is null)
        {
            decision = Resolutions.Of(answer, question.Arguments);
            writer.Add(answer.RunId, decision);
            return (new(AnswerStatus.Accepted, decision), Resolved(run, writer, now));
        }

        return (new(AnswerStatus.AlreadyResolved, decision), Resolved(run, writer, now));
    }

    /// <summary>Says of all questions whose time is over that nobody answered; <c>null</c> where there are none.</summary>
    public JournalRecord? Expire(DateTimeOffset now) => Started is { } run ? Resolved(run, Expired(run, now), now) : null;

    /// <summary>The claim of the run under way, or of the first that waits. Whether it may be claimed is for the caller to know.</summary>
    public ClaimedRecord? Claim(string worker, DateTimeOffset now)
    {
        var next = Started?.Request ?? (_waiting.Count > 0 ? _waiting[0] : null);
        return next is null ? null : new ClaimedRecord { At = now, RunId = next.RunId, Token = _lastToken + 1, Worker = worker };
    }

    /// <summary>Describes the claim to the worker that has just made it.</summary>
    public RunClaim DescribeClaim(TimeSpan leaseDuration)
    {
        var run = Started ?? throw new InvalidOperationException("No run was claimed.");
        return new RunClaim
        {
            Lease = new RunLease(run.Request.SessionId, run.Known.RunId, Epoch, new FencingToken(run.Known.Token), leaseDuration),
            Request = run.Request,
            Attempt = run.Claims - run.Releases,
            ClaimNumber = run.Claims,
            FirstStartedAt = run.FirstStartedAt,
            Parked = run.Parked,
            Approvals = run.Decisions,
            Checkpoints = [.. run.Checkpoints],
            Conversation = [.. _conversation],
            Unsettled = run.Unsettled(),
            CancelRequested = run.Known.CancelRequested,
        };
    }

    /// <summary>Whether the lease is of this life of the log and the newest of a run that is not over.</summary>
    public bool Holds(RunLease lease)
        => Started is { IsParked: false } run
            && run.Known.RunId == lease.RunId
            && run.Known.Token == lease.Token.Value
            && IsClaimedIn(run.Known, lease.Epoch);

    private bool IsClaimedIn(KnownRun run, Epoch epoch) => epoch == (run.ClaimedIn ?? _firstEpoch);

    public ReleasedRecord? Release(RunLease lease, DateTimeOffset now)
        => Holds(lease) ? new ReleasedRecord { At = now, RunId = lease.RunId } : null;

    /// <param name="append">What to write.</param>
    /// <param name="finished">The end of the run, where this is its last write.</param>
    /// <param name="ifCancelled">The end of the run if it is cancelled while it waits, where this write parks it.</param>
    /// <param name="now">When.</param>
    public (AppendResult Result, JournalRecord? Record) Append(
        RunAppend append, RunFinished? finished, RunFinished? ifCancelled, DateTimeOffset now)
    {
        var lease = append.Lease;
        if (!_runs.TryGetValue(lease.RunId, out var run)
            || run.Token != lease.Token.Value
            || run.Token == 0
            || !IsClaimedIn(run, lease.Epoch))
        {
            return (new(AppendStatus.LeaseLost, default, false), null);
        }

        if (append.Sequence == run.Sequence)
        {
            return (new(AppendStatus.Appended, run.LastOffset, run.CancelRequested), null);
        }

        if (run.Finished || append.Sequence != run.Sequence + 1 || Started is not { IsParked: false })
        {
            return (new(AppendStatus.LeaseLost, default, false), null);
        }

        if (run.CancelRequested
            && (append.RefuseIfCancelRequested || ifCancelled is not null || finished is { Status: not RunStatus.Cancelled }))
        {
            return (new(AppendStatus.CancelRequested, default, true), null);
        }

        var writer = new EntryWriter(LastSeq, now);
        foreach (var sessionEvent in append.Events)
        {
            writer.Add(lease.RunId, sessionEvent);
        }

        if (finished is not null)
        {
            writer.Add(lease.RunId, finished);
        }

        var last = writer.Entries.Count > 0 ? writer.Entries[^1].Offset : LastSeq;
        return (
            new(AppendStatus.Appended, last, run.CancelRequested),
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

    public (CancelResult Result, JournalRecord? Record) Cancel(RunId? runId, string by, DateTimeOffset now)
    {
        var target = runId ?? Started?.Known.RunId ?? (_waiting.Count > 0 ? _waiting[0].RunId : null);
        if (target is not { } id || !_runs.TryGetValue(id, out var run))
        {
            return (new(CancelStatus.NotFound, null), null);
        }

        if (run.Finished)
        {
            return (new(CancelStatus.AlreadyFinished, id), null);
        }

        var underWay = Started?.Known == run;
        if (underWay && run.CancelRequested)
        {
            return (new(CancelStatus.Requested, id), null);
        }

        if (underWay && Started is { IsParked: true })
        {
            var end = new EntryWriter(LastSeq, now);
            EndParked(end, by);
            return (new(CancelStatus.Cancelled, id), new CancelledRecord { At = now, RunId = id, Entries = end.Entries });
        }

        SessionEvent says = underWay ? new CancelRequested { By = by } : new RunFinished { Status = RunStatus.Cancelled };
        return (
            new(underWay ? CancelStatus.Requested : CancelStatus.Cancelled, id),
            new CancelledRecord { At = now, RunId = id, Entries = new EntryWriter(LastSeq, now).Add(id, says).Entries });
    }

    public void Apply(JournalRecord record)
    {
        switch (record)
        {
            case EnqueuedRecord enqueued:
                ApplyEnqueued(enqueued);
                break;

            case ClaimedRecord claimed:
                ApplyClaimed(claimed);
                break;

            case ReleasedRecord when Started is { } released:
                released.Releases++;
                released.Known.Token = 0;
                break;

            case AppendedRecord appended when Started is { } writing:
                Note(writing.Known, appended.Sequence, record);
                break;

            case ParkedRecord parked when Started is { } parking:
                Note(parking.Known, parked.Sequence, record);
                parking.Park(parked);
                break;

            case EpochRecord renewed:
                Former = [.. Former, new FormerEpoch(Epoch, LastSeq)];
                (Epoch, Process) = (renewed.Epoch, renewed.Process);
                break;

            case TrimmedRecord trimmed:
                Former = FormerEpoch.After(Former, trimmed.Through);
                _cutPoints.RemoveAll(point => point.Through <= trimmed.Through);
                break;
        }

        LogEntry? end = null;
        foreach (var entry in record.Entries)
        {
            LastSeq = entry.Offset;
            if (entry.Event is RunFinished)
            {
                end = entry;
            }
            else if (Started is { } run && run.Known.RunId == entry.RunId)
            {
                run.Apply(entry.Event);
            }
        }

        if (record.Checkpoint is { } checkpoint)
        {
            Started?.Add(checkpoint);
        }

        if (end is { } finished)
        {
            // A run that another one interrupted while it waited ends in the middle of a record: no place to cut. The other's end is one.
            Finish(finished.RunId, record.At, mayCut: finished.Offset == LastSeq);
        }
    }

    /// <summary>Puts all that this knows into a base. Only at a <see cref="CutPoint"/>: a run under way is no part of one.</summary>
    public SessionBase ToBase(SessionBase before)
        => Started is null
            ? before with
            {
                Epoch = Epoch,
                Former = Former.Count == 0 ? null : Former,
                Process = Process,
                TrimmedThrough = LastSeq,
                LastToken = _lastToken,
                Runs = [.. _runs.Values.OrderBy(run => run.Seq)],
                Waiting = [.. _waiting],
                Conversation = [.. _conversation],
            }
            : throw new InvalidOperationException("A run is under way.");

    private void Note(KnownRun run, long sequence, JournalRecord record)
    {
        run.Sequence = sequence;
        run.LastOffset = record.Entries.Count > 0 ? record.Entries[^1].Offset : LastSeq;
    }

    private EntryWriter Expired(ClaimedRun run, DateTimeOffset now)
    {
        var writer = new EntryWriter(LastSeq, now);
        foreach (var question in run.Open.Where(question => question.ExpiresAt <= now))
        {
            writer.Add(run.Known.RunId, Resolutions.Expired(question.ToolCallId));
        }

        return writer;
    }

    private static ResolvedRecord? Resolved(ClaimedRun run, EntryWriter writer, DateTimeOffset now)
        => writer.Entries.Count == 0 ? null : new ResolvedRecord { At = now, RunId = run.Known.RunId, Entries = writer.Entries };

    /// <summary>The end of the parked run: nobody can answer any more, and nobody has it who could end it.</summary>
    private void EndParked(EntryWriter writer, string by)
    {
        var run = Started!;
        foreach (var question in run.Open)
        {
            writer.Add(run.Known.RunId, Resolutions.Cancelled(question.ToolCallId, by));
        }

        writer.Add(run.Known.RunId, run.IfCancelled!);
    }

    private void Remember(KnownRun run)
    {
        _messages.Add(run.MessageId, run);
        _runs.Add(run.RunId, run);
    }

    private void ApplyEnqueued(EnqueuedRecord enqueued)
    {
        var request = enqueued.Request;
        if (request.ReplacesRunId is { } replaced && _runs.TryGetValue(replaced, out var first))
        {
            foreach (var run in _runs.Values.Where(run => run.Seq >= first.Seq))
            {
                run.Replaced = true;
            }

            _conversation.RemoveAll(turn => _runs[turn.RunId].Replaced);
        }

        Remember(new KnownRun
        {
            RunId = request.RunId,
            MessageId = request.MessageId,
            Seq = enqueued.Entries[^1].Offset,
            Fingerprint = enqueued.Fingerprint,
        });
        _waiting.Insert(enqueued.InFront ? 0 : _waiting.Count, request);
    }

    private void ApplyClaimed(ClaimedRecord claimed)
    {
        if (Started is null)
        {
            var request = _waiting[0];
            _waiting.RemoveAt(0);
            Started = new ClaimedRun(request, _runs[request.RunId], claimed.At);
        }

        Started.Unpark(claimed.At);
        Started.Claims++;
        Started.Known.Token = _lastToken = claimed.Token;
        Started.Known.ClaimedIn = Epoch;
        Started.Known.Sequence = 0;
        Started.Known.LastOffset = default;
    }

    private void Finish(RunId runId, DateTimeOffset at, bool mayCut)
    {
        _runs[runId].Finished = true;
        if (Started?.Known.RunId == runId)
        {
            // What never started told the agent nothing, and what was replaced is unsaid.
            if (!Started.Known.Replaced)
            {
                Keep(new ConversationTurn(runId, Started.Request.Message, Started.Checkpoints) { Seq = Started.Known.Seq });
            }

            Started = null;
        }
        else
        {
            _waiting.RemoveAll(request => request.RunId == runId);
        }

        if (Started is null && mayCut)
        {
            _cutPoints.Add(new CutPoint(LastSeq, at));
        }
    }

    /// <summary>
    /// The oldest turns give way.
    /// The newest stays however large it is: without it the next prompt would know of nothing, and a summary that it carries would be lost.
    /// Where there is room for nothing, nothing is kept.
    /// </summary>
    private void Keep(ConversationTurn turn)
    {
        if (_conversationBytes == 0)
        {
            return;
        }

        _conversation.Add(turn);
        var bytes = 0L;
        for (var i = _conversation.Count - 1; i >= 0; i--)
        {
            bytes += Encoding.UTF8.GetByteCount(_conversation[i].Message)
                + _conversation[i].Checkpoints.Sum(checkpoint => (long)checkpoint.Length);
            if (bytes > _conversationBytes && i < _conversation.Count - 1)
            {
                _conversation.RemoveRange(0, i + 1);
                break;
            }
        }
    }
}

/// <summary>A place where the log may be cut.</summary>
/// <param name="Through">The <c>run_finished</c> up to which entries may go.</param>
/// <param name="At">When that run ended.</param>
internal readonly record struct CutPoint(Offset Through, DateTimeOffset At);
