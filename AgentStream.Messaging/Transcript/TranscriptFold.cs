using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Transcript;

/// <summary>The transcript of a session: a fold over the entries of its log in order. Not safe for several threads.</summary>
/// <remarks>
/// The same entries give the same transcript, whether they come live, from disk, or as a saved state and the entries after it.
/// </remarks>
internal sealed class TranscriptFold
{
    private readonly List<MessageFold> _messages = [];
    private readonly Dictionary<RunId, MessageFold> _byRun = [];
    private readonly List<RunId> _queued = [];
    private readonly OrderedDictionary<StepId, StepText> _openSteps = [];
    private readonly OrderedDictionary<ToolCallId, PendingApproval> _approvals = [];
    private MessageFold? _active;

    /// <summary>The time of the newest entry of the run under way.</summary>
    private DateTimeOffset? _heardAt;

    /// <summary>Given by a person, or the beginning of the first message; <c>null</c> before it.</summary>
    public string? Title { get; private set; }

    /// <summary>The number of messages.</summary>
    public int Count => _messages.Count;

    /// <summary>Whether a run is under way or queued.</summary>
    public bool Busy => _active is not null || _queued.Count > 0;

    /// <summary>Of all runs together, the one under way included as far as it is; <c>null</c>: none was counted yet.</summary>
    public TokenUsage? Usage => UsageTotals.Of([.. _messages.Select(message => message.Usage).OfType<TokenUsage>()]);

    /// <summary>The run under way as far as it is, or what it waits for; <c>null</c>: there is none.</summary>
    public ActiveRun? ActiveRun => _active is { } active ? Active(active.ToMessage()) : null;

    /// <summary>Takes up where a saved one stood.</summary>
    public static TranscriptFold Load(TranscriptState state)
    {
        var transcript = new TranscriptFold { Title = state.Title };
        foreach (var message in state.Messages)
        {
            transcript.Add(new MessageFold(message));
        }

        transcript._queued.AddRange(state.QueuedRuns);
        if (state.ActiveRun is { } active)
        {
            transcript._active = transcript._byRun[active.RunId];
            transcript._heardAt = active.HeardAt;
            foreach (var step in active.OpenSteps)
            {
                transcript._openSteps.Add(step.StepId, StepText.Of(step));
            }

            foreach (var approval in active.PendingApprovals)
            {
                transcript._approvals.Add(approval.ToolCallId, approval);
            }
        }

        return transcript;
    }

    /// <summary>All that <see cref="Load"/> needs.</summary>
    public TranscriptState Save() => new()
    {
        Title = Title,
        Messages = [.. _messages.Select(message => message.ToMessage())],
        QueuedRuns = [.. _queued],
        ActiveRun = ActiveRun,
    };

    /// <summary>Gives the session a name.</summary>
    public void Rename(string title) => Title = title;

    /// <summary>Takes the next entry of the log in.</summary>
    public void Apply(Offset seq, RunId runId, DateTimeOffset timestamp, SessionEvent sessionEvent)
    {
        if (sessionEvent is RunQueued queued)
        {
            Queue(seq, runId, timestamp, queued);
        }
        else if (_byRun.TryGetValue(runId, out var message))
        {
            Apply(message, timestamp, sessionEvent);
            _heardAt = _active is null ? null : _active == message ? timestamp : _heardAt;
        }
    }

    /// <summary>The <paramref name="limit"/> messages before <paramref name="before"/> (<c>null</c>: the newest), oldest first.</summary>
    public (IReadOnlyList<TranscriptMessage> Messages, bool HasMore) Page(Offset? before, int limit)
    {
        var end = before is { } offset ? IndexOf(offset) : _messages.Count;
        var start = Math.Max(0, end - limit);
        var page = new TranscriptMessage[end - start];
        for (var i = start; i < end; i++)
        {
            page[i - start] = _messages[i].ToMessage();
        }

        return (page, start > 0);
    }

    /// <summary>
    /// The newest page with the run under way, and as many more messages as it takes to have those of all runs that are not over:
    /// who is shown a run is shown its question. Nothing in it changes later.
    /// </summary>
    public SnapshotData Snapshot(SessionId sessionId, Epoch epoch, Offset lastSeq, Offset trimmedThrough, int limit)
    {
        var (messages, hasMore) = Page(null, Math.Max(limit, SinceOldestUnfinished()));
        return new SnapshotData
        {
            SessionId = sessionId,
            Epoch = epoch,
            LastSeq = lastSeq,
            TrimmedThrough = trimmedThrough,
            Title = Title,
            Messages = messages,
            HasMore = hasMore,
            Usage = Usage,
            ActiveRun = ActiveRun,
            QueuedRuns = [.. _queued],
        };
    }

    /// <summary>
    /// The number of messages from the first one on whose run is under way or queued.
    /// Bounded by how many may be queued, unless others went before them.
    /// </summary>
    private int SinceOldestUnfinished()
    {
        var oldest = _messages.Count;
        foreach (var message in _queued.Select(runId => _byRun[runId]).Append(_active).OfType<MessageFold>())
        {
            oldest = Math.Min(oldest, IndexOf(message.Seq));
        }

        return _messages.Count - oldest;
    }

    private ActiveRun Active(TranscriptMessage message) => new()
    {
        RunId = message.RunId,
        Status = message.Status,
        Attempt = message.Attempt ?? 1,
        StartedAt = message.StartedAt,
        HeardAt = _heardAt,
        OpenSteps = [.. _openSteps.Values.Select(step => step.ToOpenStep())],
        PendingApprovals = [.. _approvals.Values],
    };

    private void Add(MessageFold message)
    {
        _messages.Add(message);
        _byRun.Add(message.RunId, message);
    }

    private void Queue(Offset seq, RunId runId, DateTimeOffset timestamp, RunQueued queued)
    {
        Title ??= TitleOfMessage.From(queued.Message);
        if (queued.ReplacesRunId is { } replaced && _byRun.TryGetValue(replaced, out var first))
        {
            for (var i = IndexOf(first.Seq); i < _messages.Count; i++)
            {
                _messages[i].Change(message => message with { ReplacedBy = runId });
            }
        }

        Add(new MessageFold(new TranscriptMessage
        {
            Seq = seq,
            RunId = runId,
            MessageId = queued.MessageId,
            Message = queued.Message,
            AgentName = queued.AgentName,
            Status = MessageStatus.Queued,
            EnableReasoning = queued.EnableReasoning,
            QueuedAt = timestamp,
            Attachments = queued.Attachments,
            ReplacesRunId = queued.ReplacesRunId,
            SteersRunId = queued.SteersRunId,
            Steps = [],
        }));

        // The position counts the run under way; one that was claimed but has not said so yet still stands in our queue.
        var ahead = queued.Position - (_active is null ? 0 : 1);
        _queued.Insert(Math.Clamp(ahead, 0, _queued.Count), runId);
    }

    private void Apply(MessageFold message, DateTimeOffset timestamp, SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case RunStarted started:
                _queued.Remove(message.RunId);
                message.Begin(started.Attempt, _active == message ? _heardAt : null, timestamp);
                _active = message;
                message.Change(m => m with
                {
                    Status = Activity,
                    AgentName = started.AgentName,
                    Model = started.Model,
                    Attempt = started.Attempt,
                    TraceId = started.TraceId ?? m.TraceId,
                    StartedAt = m.StartedAt ?? timestamp,
                });
                break;

            case StepDelta delta:
                if (_openSteps.TryGetValue(delta.StepId, out var open))
                {
                    open.Append(delta.Delta);
                }
                else
                {
                    _openSteps.Add(delta.StepId, StepText.Of(delta));
                }

                break;

            case ReasoningStep step:
                _openSteps.Remove(step.StepId);
                message.Add(step);
                break;

            case StepSuperseded superseded:
                foreach (var stepId in superseded.StepIds)
                {
                    _openSteps.Remove(stepId);
                }

                message.Remove(superseded.StepIds);
                break;

            case ToolApprovalRequired required:
                if (_approvals.Count == 0)
                {
                    message.Change(m => m with { Waits = [.. m.Waits ?? [], new ApprovalWait { From = timestamp }] });
                }

                _approvals[required.ToolCallId] = new PendingApproval
                {
                    ToolCallId = required.ToolCallId,
                    ToolName = required.ToolName,
                    Arguments = required.Arguments,
                    ExpiresAt = required.ExpiresAt,
                    ClientTool = required.ClientTool,
                };
                message.Change(m => m with { Status = Activity });
                break;

            case ToolApprovalResolved resolved:
                _approvals.Remove(resolved.ToolCallId, out var question);
                message.Change(m => m with
                {
                    Status = Activity,
                    Approvals = [.. m.Approvals ?? [], Decision(resolved, question)],
                    Waits = _approvals.Count == 0 ? Ended(m.Waits, timestamp) : m.Waits,
                });
                break;

            case UsageReported usage:
                message.Change(m => m with { Model = usage.Model ?? m.Model, Usage = RunSoFar(m.Usage, usage) });
                break;

            case MessageSteered steered:
                message.Change(m => m with { Steered = [.. m.Steered ?? [], Taken(steered, timestamp)] });
                break;

            case CancelRequested:
                message.Change(m => m with { CancelRequested = true });
                break;

            case RunFinished finished:
                Finish(message, timestamp, finished);
                break;
        }
    }

    private static SteeredMessage Taken(MessageSteered steered, DateTimeOffset timestamp) => new()
    {
        QueuedRunId = steered.QueuedRunId,
        MessageId = steered.MessageId,
        Message = steered.Message,
        Iteration = steered.Iteration,
        Timestamp = timestamp,
    };

    private static ResolvedApproval Decision(ToolApprovalResolved resolved, PendingApproval? question) => new()
    {
        ToolCallId = resolved.ToolCallId,
        ToolName = question?.ToolName,
        Approved = resolved.Approved,
        By = resolved.By,
        Edited = resolved.Edited,
        Expired = resolved.Expired,
        Reason = resolved.Reason,
        ClientTool = question?.ClientTool,
    };

    private MessageStatus Activity => _approvals.Count > 0 ? MessageStatus.Waiting : MessageStatus.Running;

    private void Finish(MessageFold message, DateTimeOffset timestamp, RunFinished finished)
    {
        _queued.Remove(message.RunId);
        if (_active == message || (_active is null && finished.SteeredRunId is null))
        {
            // A run may write without ever having said that it started: what it leaves open is not the next one's.
            _active = null;
            _openSteps.Clear();
            _approvals.Clear();
        }

        message.Change(m => m with
        {
            Status = finished.Status switch
            {
                RunStatus.Completed => MessageStatus.Completed,
                RunStatus.Failed => MessageStatus.Failed,
                _ => MessageStatus.Cancelled,
            },
            FinishedAt = timestamp,
            SteeredRunId = finished.SteeredRunId,
            Error = finished.Error,
            ErrorCode = finished.ErrorCode,
            Model = finished.Usage?.Model ?? m.Model,
            Usage = finished.Usage ?? m.Usage,
            DurationMs = finished.DurationMs,
            Iterations = finished.Iterations,
            Waits = Ended(m.Waits, timestamp),
        });
    }

    private static IReadOnlyList<ApprovalWait>? Ended(IReadOnlyList<ApprovalWait>? waits, DateTimeOffset timestamp)
        => waits is [.., { To: null } last] ? [.. waits.SkipLast(1), last with { To = timestamp }] : waits;

    private static TokenUsage RunSoFar(TokenUsage? before, UsageReported reply)
    {
        var usage = reply.ToUsage();
        return before is null
            ? usage
            : UsageTotals.Of([before, usage])! with
            {
                TimeToFirstTokenMs = before.TimeToFirstTokenMs ?? usage.TimeToFirstTokenMs,
                Model = usage.Model ?? before.Model,
            };
    }

    /// <summary>The index of the first message at or after an offset.</summary>
    private int IndexOf(Offset offset)
    {
        var low = 0;
        var high = _messages.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_messages[middle].Seq < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
