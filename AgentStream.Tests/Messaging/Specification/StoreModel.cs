using System.Text;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Messaging.Specification;

/// <summary>
/// What the session log and the run queue are, said as simply as possible: lists, and no thought of speed, disks or other threads.
/// This is the specification.
/// </summary>
/// <remarks>
/// Two things it leaves to the store: which of the sessions with an available run a claim serves, and how an epoch is called.
/// </remarks>
internal sealed class StoreModel(MessagingOptions options, DateTimeOffset start)
{
    private readonly Dictionary<SessionId, SessionModel> _sessions = [];

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>The session, be it that nobody wrote to it yet.</summary>
    public SessionModel this[SessionId id]
        => _sessions.TryGetValue(id, out var session) ? session : _sessions[id] = new SessionModel(options);

    public IEnumerable<SessionId> Claimable => _sessions.Where(pair => pair.Value.IsClaimable(Now)).Select(pair => pair.Key);

    public void Advance(TimeSpan by) => Now += by;

    /// <summary>Where the store lives with its workers, its restart ends all leases.</summary>
    public void EndLeases()
    {
        foreach (var session in _sessions.Values)
        {
            session.LeaseEnd = DateTimeOffset.MinValue;
        }
    }

    /// <summary>Says of all questions whose time is over that nobody answered.</summary>
    public void Expire()
    {
        foreach (var session in _sessions.Values)
        {
            session.Expire(Now);
        }
    }

    public bool Erase(SessionId id) => this[id].Log.Count > 0 && _sessions.Remove(id);

    /// <summary>
    /// Entries may go up to the last end of a run that has left the replay window, at which none was under way,
    /// before the first entry of any run that is not over.
    /// </summary>
    public void Retain()
    {
        foreach (var session in _sessions.Values)
        {
            session.Trim(Now - options.ReplayWindow);
        }
    }
}

/// <summary>One session.</summary>
internal sealed class SessionModel(MessagingOptions options)
{
    private readonly List<RunModel> _runs = [];
    private readonly List<RunModel> _waiting = [];
    private readonly List<RunModel> _conversation = [];
    private readonly List<(Offset Through, DateTimeOffset At)> _cuts = [];
    private RunModel? _started;
    private long _tokens;

    /// <summary>All entries that ever were, as clients get them; those up to <see cref="TrimmedThrough"/> are to be had no more.</summary>
    public List<LogEntry> Log { get; } = [];

    /// <summary>Learnt from the store.</summary>
    public Epoch? Epoch { get; private set; }

    /// <summary>The epochs before, each with the last offset that was written in it.</summary>
    private readonly List<(Epoch Epoch, Offset Last)> _former = [];

    /// <summary>The last offset at a restart after which no new epoch was heard of yet: with the next write one may begin there.</summary>
    private Offset? _restartedAt;

    /// <summary>Hears from the store in which epoch the session is. It changes only where the home began anew.</summary>
    public void Learn(Epoch epoch)
    {
        if (Epoch is { } before && before != epoch)
        {
            Assert.NotNull(_restartedAt);
            _former.Add((before, _restartedAt.Value));
            _restartedAt = null;
        }

        Epoch = epoch;
    }

    public void NoteRestart() => _restartedAt = LastSeq;

    public PrincipalId? Owner { get; private set; }

    public Offset LastSeq => new(Log.Count);

    public Offset TrimmedThrough { get; private set; }

    public DateTimeOffset LeaseEnd { get; set; }

    public IReadOnlyList<RunModel> Runs => _runs;

    public bool IsClaimable(DateTimeOffset now)
        => _started is { } run ? run.Parking is null ? run.Token == 0 || now >= LeaseEnd : run.Open.Count == 0 : _waiting.Count > 0;

    public EnqueueResult Enqueue(RunRequest request, DateTimeOffset now)
    {
        if (Owner is { } owner && owner != request.Owner)
        {
            return new(EnqueueStatus.NotOwner, default, default);
        }

        if (_runs.Find(run => run.Request.MessageId == request.MessageId) is { } known)
        {
            return known.Request.Message == request.Message && known.Request.ReplacesRunId == request.ReplacesRunId
                ? new(EnqueueStatus.Duplicate, known.Id, known.Seq)
                : new(EnqueueStatus.Conflict, default, default);
        }

        if (request.ReplacesRunId is { } replacedId && !_runs.Exists(earlier => earlier.Id == replacedId && !earlier.Steered))
        {
            return new(EnqueueStatus.UnknownReplaced, default, default);
        }

        var busy = _started is not null || _waiting.Count > 0;
        if (busy && request.OnBusy == OnBusy.Reject)
        {
            return new(EnqueueStatus.Busy, default, default);
        }

        if (_waiting.Count >= options.MaxQueuedRuns)
        {
            return new(EnqueueStatus.QueueFull, default, default);
        }

        var underWay = _started ?? _waiting.FirstOrDefault();
        var steers = request is { OnBusy: OnBusy.Steer, ReplacesRunId: null } && underWay is { CancelRequested: false } ? underWay : null;
        var interrupts = request.OnBusy == OnBusy.Interrupt;
        var parked = interrupts && _started is { Parking: not null } ? _started : null;
        if (parked is not null)
        {
            SayEnd(parked, "interrupt", now);
        }
        else if (interrupts && _started is { CancelRequested: false } running)
        {
            Add(running, new CancelRequested { By = "interrupt" }, now);
        }

        var run = new RunModel(request, LastSeq.Next) { Steers = steers };
        foreach (var replaced in _runs.SkipWhile(earlier => earlier.Id != request.ReplacesRunId))
        {
            replaced.Replaced = true;
            replaced.Steers = null;
            _conversation.Remove(replaced);
        }

        if (parked is not null)
        {
            Finish(parked, now, mayCut: false);
        }

        _runs.Add(run);
        var position = interrupts ? 0 : _waiting.Count;
        _waiting.Insert(position, run);
        Owner ??= request.Owner;
        Add(run, new RunQueued
        {
            Message = request.Message,
            MessageId = request.MessageId,
            AgentName = request.AgentName,
            ReplacesRunId = request.ReplacesRunId,
            Position = position + (_started is null ? 0 : 1),
            SteersRunId = steers?.Id,
        }, now);
        return new(EnqueueStatus.Accepted, run.Id, run.Seq);
    }

    /// <summary>The run that is available, with the next token.</summary>
    public RunModel Claim(DateTimeOffset now)
    {
        if (_started is null)
        {
            _started = _waiting[0];
            _waiting.RemoveAt(0);
            _started.FirstStartedAt = now;
        }

        if (_started.Parking is { } since)
        {
            _started.Parked += now - since;
            _started.Parking = null;
        }

        _started.Claims++;
        _started.Token = ++_tokens;
        _started.Answers.Clear();
        LeaseEnd = now + options.LeaseDuration;
        return _started;
    }

    public IReadOnlyList<RunModel> Conversation => _conversation;

    /// <summary>What the run may take up.</summary>
    public IEnumerable<RunModel> SteeringOf(RunModel run) => run == _started ? _waiting.Where(waiting => waiting.Steers == run) : [];

    /// <summary>What the holder of a lease may take up.</summary>
    public IEnumerable<RunId> Steering(RunLease lease) => Holds(lease) ? SteeringOf(_started!).Select(run => run.Id) : [];

    public RenewResult Renew(RunLease lease, DateTimeOffset now)
    {
        if (!Holds(lease))
        {
            return new(false, false);
        }

        LeaseEnd = now + options.LeaseDuration;
        return new(true, _started!.CancelRequested);
    }

    public bool Release(RunLease lease)
    {
        if (!Holds(lease))
        {
            return false;
        }

        _started!.Releases++;
        _started.Token = 0;
        return true;
    }

    public AppendResult Park(RunPark park, DateTimeOffset now)
    {
        var questions = park.Append.Events.OfType<ToolApprovalRequired>();
        var before = LastSeq;
        var answer = Append(park.Append, null, now, parks: true);
        if (answer.Status == AppendStatus.Appended && LastSeq > before)
        {
            _started!.Open.AddRange(questions);
            _started.Asked.AddRange(questions.Select(question => question.ToolCallId));
            _started.Parking = now;
            _started.Releases++;
            _started.IfCancelled = park.IfCancelled;
        }

        return answer;
    }

    /// <summary>The first answer counts; what has expired cannot be answered.</summary>
    public AnswerResult Answer(ApprovalAnswer answer, DateTimeOffset now)
    {
        if (_started is not { } run || run.Id != answer.RunId || !run.Asked.Contains(answer.ToolCallId))
        {
            return new(AnswerStatus.NotFound, null);
        }

        Expire(now);
        if (run.Open.Find(question => question.ToolCallId == answer.ToolCallId) is not { } open)
        {
            return new(AnswerStatus.AlreadyResolved, run.Decisions.Single(decision => decision.ToolCallId == answer.ToolCallId));
        }

        var decision = new ToolApprovalResolved
        {
            ToolCallId = answer.ToolCallId,
            Approved = answer.Approved,
            By = answer.By,
            Arguments = answer.Approved ? answer.Arguments ?? open.Arguments : null,
            Edited = answer.Approved && answer.Arguments is not null ? true : null,
            Reason = answer.Reason,
        };
        Resolve(run, decision, now);
        return new(AnswerStatus.Accepted, decision);
    }

    public void Expire(DateTimeOffset now)
    {
        foreach (var question in _started?.Open.FindAll(question => question.ExpiresAt <= now) ?? [])
        {
            Resolve(_started!, new ToolApprovalResolved
            {
                ToolCallId = question.ToolCallId,
                Approved = false,
                By = "expiry",
                Expired = true,
                Reason = "Nobody answered in time.",
            }, now);
        }
    }

    public AppendResult Append(RunAppend append, RunFinished? finished, DateTimeOffset now, bool parks = false)
    {
        var lost = new AppendResult(AppendStatus.LeaseLost, default, false);
        var run = _runs.Find(candidate => candidate.Id == append.Lease.RunId);
        if (run is null || append.Lease.Epoch != run.ClaimedIn || run.Token != append.Lease.Token.Value)
        {
            return lost;
        }

        // The number of the last write: answered as then. Any other than the next: whoever writes has lost count, and so the run.
        if (append.Sequence == run.Answers.Count && run.Answers.Count > 0)
        {
            return run.Answers[^1] with { CancelRequested = run.CancelRequested, HasSteering = SteeringOf(run).Any() };
        }

        if (run.Finished || run.Parking is not null || append.Sequence != run.Answers.Count + 1)
        {
            return lost;
        }

        if (run.CancelRequested && (parks || append.RefuseIfCancelRequested || finished is { Status: not RunStatus.Cancelled }))
        {
            return new(AppendStatus.CancelRequested, default, true);
        }

        var taken = append.Events.OfType<MessageSteered>().FirstOrDefault()?.QueuedRunId;
        var waiting = SteeringOf(run).FirstOrDefault(other => other.Id == taken);
        if (taken is not null && waiting is null)
        {
            return new(AppendStatus.NotWaiting, default, run.CancelRequested);
        }

        foreach (var sessionEvent in append.Events)
        {
            Add(run, sessionEvent, now);
        }

        if (waiting is not null)
        {
            Add(waiting, new RunFinished { Status = RunStatus.Completed, SteeredRunId = run.Id }, now);
            _waiting.Remove(waiting);
            waiting.Steered = true;
            Finish(waiting, now);
        }

        if (append.Checkpoint is { } checkpoint)
        {
            run.Checkpoints.Add(checkpoint.ToArray());
            run.Settle();
        }

        if (finished is not null)
        {
            Add(run, finished, now);
            Finish(run, now);
        }

        // What a claim recorded of its writes outlives its run's parking, so that a repeated one is answered as the first.
        var answer = new AppendResult(AppendStatus.Appended, LastSeq, run.CancelRequested) { HasSteering = SteeringOf(run).Any() };
        run.Answers.Add(answer);
        return answer;
    }

    public CancelResult Cancel(RunId? id, string by, DateTimeOffset now)
    {
        var run = id is null ? _started ?? _waiting.FirstOrDefault() : _runs.Find(candidate => candidate.Id == id);
        if (run is null)
        {
            return new(CancelStatus.NotFound, null);
        }

        if (run.Finished)
        {
            return new(CancelStatus.AlreadyFinished, run.Id);
        }

        if (run.Parking is not null)
        {
            SayEnd(run, by, now);
            Finish(run, now);
            return new(CancelStatus.Cancelled, run.Id);
        }

        if (run != _started)
        {
            Add(run, new RunFinished { Status = RunStatus.Cancelled }, now);
            _waiting.Remove(run);
            Finish(run, now);
            return new(CancelStatus.Cancelled, run.Id);
        }

        if (!run.CancelRequested)
        {
            Add(run, new CancelRequested { By = by }, now);
        }

        return new(CancelStatus.Requested, run.Id);
    }

    /// <summary>Why a cursor can't be served; <c>null</c> where it can.</summary>
    public ResyncReason? Refuse(Cursor cursor)
        => cursor.After == Offset.Start ? (TrimmedThrough > Offset.Start ? ResyncReason.Trimmed : null)
            : cursor.Epoch is { } epoch && epoch != Epoch && !IsFormer(epoch, cursor.After) ? ResyncReason.Epoch
            : cursor.After > LastSeq ? ResyncReason.Ahead
            : cursor.After < TrimmedThrough ? ResyncReason.Trimmed
            : null;

    private bool IsFormer(Epoch epoch, Offset after) => _former.Exists(former => former.Epoch == epoch && after <= former.Last);

    public void Trim(DateTimeOffset endedBy)
    {
        var unfinished = _runs.Find(run => !run.Finished)?.Seq;
        var cut = _cuts.LastOrDefault(point => point.At <= endedBy && !(point.Through >= unfinished));
        if (cut.Through > TrimmedThrough)
        {
            TrimmedThrough = cut.Through;
        }
    }

    private void SayEnd(RunModel run, string by, DateTimeOffset now)
    {
        foreach (var question in run.Open.ToList())
        {
            Resolve(run, new ToolApprovalResolved
            {
                ToolCallId = question.ToolCallId,
                Approved = false,
                By = by,
                Reason = "The run was cancelled.",
            }, now);
        }

        Add(run, run.IfCancelled!, now);
    }

    private void Resolve(RunModel run, ToolApprovalResolved decision, DateTimeOffset now)
    {
        run.Open.RemoveAll(question => question.ToolCallId == decision.ToolCallId);
        run.Decisions.Add(decision);
        Add(run, decision, now);
    }

    private bool Holds(RunLease lease)
        => _started is { Parking: null } run && lease.Epoch == run.ClaimedIn && run.Id == lease.RunId && run.Token == lease.Token.Value;

    private void Add(RunModel run, SessionEvent sessionEvent, DateTimeOffset now)
    {
        var offset = LastSeq.Next;
        Log.Add(new LogEntry(
            offset, run.Id, now, sessionEvent, EnvelopeCodec.Frame(offset, EnvelopeCodec.EncodeBody(sessionEvent, run.Id, now))));
        run.CancelRequested |= sessionEvent is CancelRequested;
        run.Note(sessionEvent);
    }

    private void Finish(RunModel run, DateTimeOffset now, bool mayCut = true)
    {
        (run.Finished, run.Parking) = (true, null);
        if (run == _started)
        {
            _started = null;
            if (!run.Replaced && options.ConversationBytes > 0)
            {
                _conversation.Add(run);
            }

            // The newest turn stays, however large it is.
            while (_conversation.Count > 1 && _conversation.Sum(turn => turn.Bytes) > options.ConversationBytes)
            {
                _conversation.RemoveAt(0);
            }
        }

        if (_started is null && mayCut)
        {
            _cuts.Add((LastSeq, now));
        }
    }
}

/// <summary>One run.</summary>
internal sealed class RunModel(RunRequest request, Offset seq)
{
    private readonly List<(StepId Id, string Text, bool Finished)> _unsettled = [];

    /// <summary>The epoch of its newest claim.</summary>
    public Epoch? ClaimedIn { get; set; }

    public RunRequest Request => request;

    public RunId Id => request.RunId;

    public Offset Seq => seq;

    public int Claims { get; set; }

    public int Releases { get; set; }

    public DateTimeOffset FirstStartedAt { get; set; }

    /// <summary>0 where nobody may write.</summary>
    public long Token { get; set; }

    /// <summary>What the writes of the newest claim were answered.</summary>
    public List<AppendResult> Answers { get; } = [];

    public List<byte[]> Checkpoints { get; } = [];

    /// <summary>
    /// Since when nobody has it, because it waits for people, or waited and nobody has taken it yet; <c>null</c> otherwise.
    /// </summary>
    public DateTimeOffset? Parking { get; set; }

    public TimeSpan Parked { get; set; }

    public RunFinished? IfCancelled { get; set; }

    /// <summary>All calls that it ever asked about, in order.</summary>
    public List<ToolCallId> Asked { get; } = [];

    public List<ToolApprovalRequired> Open { get; } = [];

    public List<ToolApprovalResolved> Decisions { get; } = [];

    public bool CancelRequested { get; set; }

    public bool Replaced { get; set; }

    /// <summary>The run that may take its message up.</summary>
    public RunModel? Steers { get; set; }

    /// <summary>Another run took its message up.</summary>
    public bool Steered { get; set; }

    public bool Finished { get; set; }

    public long Bytes => Encoding.UTF8.GetByteCount(request.Message) + Checkpoints.Sum(checkpoint => checkpoint.Length);

    /// <summary>Steps in the log that no checkpoint covers.</summary>
    public IEnumerable<(StepId Id, string Text)> Unsettled => _unsettled.Select(step => (step.Id, step.Text));

    public void Note(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case StepDelta delta:
                Put(delta.StepId, before => before + delta.Delta, finished: false);
                break;
            case ReasoningStep step:
                Put(step.StepId, _ => step.Content, finished: true);
                break;
            case StepSuperseded superseded:
                _unsettled.RemoveAll(step => superseded.StepIds.Contains(step.Id));
                break;
        }
    }

    /// <summary>A checkpoint covers what is finished.</summary>
    public void Settle() => _unsettled.RemoveAll(step => step.Finished);

    private void Put(StepId id, Func<string, string> text, bool finished)
    {
        var index = _unsettled.FindIndex(step => step.Id == id);
        if (index < 0)
        {
            _unsettled.Add((id, text(""), finished));
        }
        else
        {
            _unsettled[index] = (id, text(_unsettled[index].Text), finished);
        }
    }
}
