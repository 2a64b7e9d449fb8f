using System.Text;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Session;

/// <summary>A session in memory, whole: its state, all of its runs, and what those recorded that are still of use.</summary>
/// <remarks>
/// The rules are in <see cref="SessionRules"/>. <see cref="Apply"/> alone changes anything, and is all that replay needs.
/// Not safe for several threads.
/// </remarks>
internal sealed class SessionLedger
{
    private readonly int _conversationBytes;
    private readonly SessionId _sessionId;
    private readonly Dictionary<MessageId, RunId> _messages = [];
    private readonly Dictionary<RunId, KnownRun> _runs = [];
    private readonly Dictionary<RunId, (RunRequest Request, List<ReadOnlyMemory<byte>> Checkpoints)> _records = [];

    /// <summary>The log from the first entry on that no checkpoint covers.</summary>
    private readonly List<LogEntry> _unsettled = [];

    public SessionLedger(SessionBase session, int conversationBytes)
    {
        _conversationBytes = conversationBytes;
        _sessionId = session.SessionId;
        foreach (var run in session.Runs)
        {
            Remember(run);
        }

        foreach (var turn in session.Conversation)
        {
            // Of a turn's request only what was said is kept.
            var request = new RunRequest
            {
                SessionId = session.SessionId,
                RunId = turn.RunId,
                MessageId = _runs[turn.RunId].MessageId,
                Owner = session.Owner,
                Message = turn.Message,
                Attachments = turn.Attachments,
                AgentName = "",
            };
            _records[turn.RunId] = (request, [.. turn.Checkpoints]);
        }

        foreach (var request in session.Waiting)
        {
            _records[request.RunId] = (request, []);
        }

        State = LedgerState.New(session.Epoch, session.Process, session.Owner) with
        {
            Former = session.Former ?? [],
            LastSeq = session.TrimmedThrough,
            TrimmedThrough = session.TrimmedThrough,
            LastToken = session.LastToken,
            Waiting =
            [
                .. session.Waiting.Select(
                    request => new WaitingRun(_runs[request.RunId], SizeOf(request.Message), request.SteersRunId)),
            ],
            Turns =
            [
                .. session.Conversation.Select(turn => new KeptTurn(
                    turn.RunId, _runs[turn.RunId].Seq, turn.Checkpoints.Count,
                    SizeOf(turn.Message) + turn.Checkpoints.Sum(checkpoint => (long)checkpoint.Length))),
            ],
        };
    }

    public LedgerState State { get; private set; }

    public Epoch Epoch => State.Epoch;

    public Offset LastSeq => State.LastSeq;

    public bool Busy => State.Busy;

    public IReadOnlyList<CutPoint> CutPoints => State.CutPoints;

    /// <summary>The time at which the first open question of a parked run expires; <c>null</c> where none is open.</summary>
    public DateTimeOffset? NextExpiry => State.NextExpiry;

    /// <summary>The runs that are not over.</summary>
    public IReadOnlyList<LiveRun> LiveRuns(DateTimeOffset leaseUntil, string? title)
        => LiveRunRules.Of(_sessionId, State, runId => _records.GetValueOrDefault(runId).Request, leaseUntil, title);

    /// <summary>The answer to a message that was taken before, or whose id was; <c>null</c> where neither was.</summary>
    public EnqueueResult? Find(RunRequest request) => SessionRules.Find(OfMessage(request.MessageId), RequestFingerprint.Of(request));

    public (EnqueueResult Result, SessionRecord? Record) Enqueue(RunRequest request, int maxQueuedRuns, DateTimeOffset now)
    {
        var replaced = request.ReplacesRunId is { } id ? _runs.GetValueOrDefault(id) : null;
        var named = new NamedRuns(OfMessage(request.MessageId), _runs.GetValueOrDefault(request.RunId), replaced);
        return SessionRules.Enqueue(State, named, request, maxQueuedRuns, now);
    }

    /// <summary>Describes the claim to the worker that has just made it.</summary>
    public RunClaim DescribeClaim(TimeSpan leaseDuration)
        => SessionRules.Describe(State, _sessionId, runId => ToRecords(_records[runId]), _unsettled, leaseDuration);

    /// <summary>The messages that the run of a lease may take up, in the order in which they came.</summary>
    public IReadOnlyList<RunRequest> Steering(RunLease lease)
        => SessionRules.Holds(State, lease) ? [.. State.SteeringOf(lease.RunId).Select(runId => _records[runId].Request)] : [];

    public (AppendResult Result, SessionRecord? Record) Append(
        RunAppend append, RunFinished? finished, RunFinished? ifCancelled, DateTimeOffset now)
        => SessionRules.Append(State, _runs.GetValueOrDefault(append.Lease.RunId), append, finished, ifCancelled, now);

    public (CancelResult Result, SessionRecord? Record) Cancel(RunId? runId, string by, DateTimeOffset now)
        => SessionRules.Cancel(State, runId, runId is { } id ? _runs.GetValueOrDefault(id) : null, by, now);

    public void Apply(SessionRecord record)
    {
        if (record is EnqueuedRecord { Request: var request } enqueued)
        {
            // What is read back does not say it.
            record = enqueued with { ReplacesFrom = request.ReplacesRunId is { } replaced ? _runs[replaced].Seq : null };
            Remember(enqueued.ToKnown());
            _records[request.RunId] = (request, []);
        }

        var before = State;
        (State, var ended) = LedgerFold.Apply(before, record, _conversationBytes);
        if (record.Checkpoint is { } checkpoint && before.Started is { } run)
        {
            _records[run.Known.RunId].Checkpoints.Add(checkpoint);
        }

        if (ended is not null)
        {
            _runs[ended.RunId] = ended;
        }

        if (ended is not null || record is EnqueuedRecord { ReplacesFrom: not null })
        {
            foreach (var runId in _records.Keys.Except(State.Recorded.Select(recorded => recorded.RunId)).ToList())
            {
                _records.Remove(runId);
            }
        }

        KeepUnsettled(record);
    }

    /// <summary>Puts all that this knows into a base. Only at a <see cref="CutPoint"/>: a run under way is no part of one.</summary>
    public SessionBase ToBase(SessionBase before)
        => State.Started is null
            ? before with
            {
                Epoch = State.Epoch,
                Former = State.Former.Count == 0 ? null : State.Former,
                Process = State.Process,
                TrimmedThrough = State.LastSeq,
                LastToken = State.LastToken,
                Runs = [.. State.Unfinished.UnionBy(_runs.Values, run => run.RunId).OrderBy(run => run.Seq)],
                Waiting = [.. State.Waiting.Select(run => _records[run.Known.RunId].Request)],
                Conversation = [.. State.Turns.Select(turn => ToTurn(turn.RunId))],
            }
            : throw new InvalidOperationException("A run is under way.");

    private ConversationTurn ToTurn(RunId runId)
    {
        var (request, checkpoints) = _records[runId];
        return new ConversationTurn(runId, request.Message, [.. checkpoints]) { Attachments = request.Attachments };
    }

    private static RunRecords ToRecords((RunRequest Request, List<ReadOnlyMemory<byte>> Checkpoints) kept)
        => new(kept.Request, kept.Checkpoints);

    private static long SizeOf(string message) => Encoding.UTF8.GetByteCount(message);

    private void KeepUnsettled(SessionRecord record)
    {
        if (State.Progress.Unsettled is not [var first, ..])
        {
            _unsettled.Clear();
            return;
        }

        _unsettled.AddRange(record.Entries);
        _unsettled.RemoveRange(0, _unsettled.FindIndex(entry => entry.Offset >= first.First));
    }

    private KnownRun? OfMessage(MessageId messageId) => _messages.TryGetValue(messageId, out var runId) ? _runs[runId] : null;

    private void Remember(KnownRun run)
    {
        _messages.Add(run.MessageId, run.RunId);
        _runs.Add(run.RunId, run);
    }
}
