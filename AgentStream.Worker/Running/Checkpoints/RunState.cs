using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Worker.Running.Checkpoints;

/// <summary>The state of a run: its records, folded.</summary>
internal sealed class RunState
{
    private readonly List<ReplyRecorded> _replies = [];
    private readonly List<ReplyWasted> _wasted = [];
    private readonly HashSet<ToolCallId> _intended = [];
    private readonly Dictionary<ToolCallId, CallsIntended> _delegated = [];
    private readonly Dictionary<ToolCallId, RunState> _nested = [];
    private readonly List<TokenUsage?> _condensing = [];
    private readonly Dictionary<ToolCallId, string> _edits = [];
    private readonly Dictionary<ToolCallId, CallFinished> _results = [];
    private readonly List<(int Replies, string Text)> _taken = [];
    private readonly List<decimal> _spending = [];

    public static RunState From(IEnumerable<ReadOnlyMemory<byte>> checkpoints)
    {
        var state = new RunState();
        foreach (var checkpoint in checkpoints)
        {
            state.Apply(RunRecord.FromBytes(checkpoint));
        }

        return state;
    }

    public IReadOnlyList<ReplyRecorded> Replies => _replies;

    /// <summary>The last decision of this run about the conversation in its prompts; <c>null</c>: nothing.</summary>
    public HistoryCondensed? Condensed { get; private set; }

    /// <summary>W3C trace context of the attempt before this one, where it was traced.</summary>
    public string? PreviousAttempt { get; private set; }

    /// <summary>
    /// The way in which the run ended without an answer; <c>null</c>: it has one, is under way, or nobody kept it
    /// (it was cancelled while it waited for people).
    /// </summary>
    public RunEnding? Ended { get; private set; }

    /// <summary>Characters that the model has written so far, sub-agents' models included.</summary>
    public int Characters => _replies.Sum(reply => reply.Characters) + _wasted.Sum(reply => reply.Characters)
        + _nested.Values.Sum(nested => nested.Characters);

    /// <summary>The time that tools took, sub-agents' tools included; what sub-agents do beside is no tool's time.</summary>
    public TimeSpan ToolTime => _nested.Values.Aggregate(
        TimeSpan.FromMilliseconds(_results.Values.Where(result => !_nested.ContainsKey(result.Id)).Sum(result => result.DurationMs)),
        (sum, nested) => sum + nested.ToolTime);

    /// <summary>The calls of the last reply that have no result yet, in the order of the reply.</summary>
    public IEnumerable<RecordedCall> OpenCalls
        => _replies.Count == 0 ? [] : _replies[^1].Calls.Where(call => !_results.ContainsKey(call.Id));

    /// <summary>The open calls of the last reply after the first so many of it.</summary>
    public IEnumerable<RecordedCall> CallsBeyond(int limit) => _replies.Count == 0
        ? []
        : _replies[^1].Calls.Skip(limit).Where(call => !_results.ContainsKey(call.Id) && !_intended.Contains(call.Id));

    /// <summary>An agent that runs as a whole had begun, and nobody knows what it did.</summary>
    public bool IsReplyInDoubt { get; private set; }

    /// <summary>The messages that the run took up after so many replies, in order.</summary>
    public IEnumerable<string> TakenAfter(int replies) => _taken.Where(taken => taken.Replies == replies).Select(taken => taken.Text);

    /// <summary>What people said each time they were asked whether the run may cost more: how much; 0: no more.</summary>
    public IReadOnlyList<decimal> Spending => _spending;

    public bool IsIntended(ToolCallId id) => _intended.Contains(id);

    /// <summary>The arguments with which a person let the call run; <c>null</c> where it runs as the model wrote it.</summary>
    public string? EditOf(ToolCallId id) => _edits.GetValueOrDefault(id);

    public CallFinished? ResultOf(ToolCallId id) => _results.GetValueOrDefault(id);

    /// <summary>The beginning of another agent's work on a call; <c>null</c> where it has not.</summary>
    public CallsIntended? DelegationOf(ToolCallId id) => _delegated.GetValueOrDefault(id);

    /// <summary>The state of the agent that does the call.</summary>
    public RunState NestedOf(ToolCallId id)
    {
        if (!_nested.TryGetValue(id, out var nested))
        {
            _nested[id] = nested = new RunState();
        }

        return nested;
    }

    public void Apply(RunRecord record)
    {
        PreviousAttempt = record.Attempt ?? PreviousAttempt;
        Ended = record.Ended ?? Ended;
        switch (record)
        {
            case ReplyRecorded reply:
                _replies.Add(reply);
                IsReplyInDoubt = false;
                break;
            case ReplyWasted wasted:
                _wasted.Add(wasted);
                break;
            case CallsIntended intent:
                _intended.UnionWith(intent.Ids);
                if (intent.DelegatedAt is not null)
                {
                    _delegated[intent.Ids[0]] = intent;
                }

                foreach (var edit in intent.Edits ?? [])
                {
                    _edits[edit.Id] = edit.Arguments;
                }

                break;
            case CallFinished result:
                _results[result.Id] = result;
                break;
            case HistoryCondensed condensed:
                Condensed = condensed;
                _condensing.Add(condensed.Usage);
                break;
            case SubAgentRecorded nested:
                NestedOf(nested.Call).Apply(nested.Record);
                break;
            case RecordsTogether together:
                foreach (var one in together.Records)
                {
                    Apply(one);
                }

                break;
            case ReplyBegun:
                IsReplyInDoubt = true;
                break;
            case MessageTaken taken:
                _taken.Add((_replies.Count, taken.Text));
                break;
            case SpendingAnswered spending:
                _spending.Add(spending.Amount);
                break;
            case EmptyRecord:
                break;
            default:
                throw new InvalidOperationException($"A record of the unknown kind {record.GetType().Name}.");
        }
    }

    /// <summary>
    /// Tokens of all replies together, those that broke off, summaries and sub-agents' included; <c>null</c> where there was none yet.
    /// </summary>
    public TokenUsage? TotalUsage()
    {
        var replies = _replies.Select(reply => reply.Usage).OfType<TokenUsage>().ToList();
        return UsageTotals.Of([.. Usages()]) is { } total
            ? total with
            {
                TimeToFirstTokenMs = replies.Select(usage => usage.TimeToFirstTokenMs).FirstOrDefault(given => given is not null),
                Model = replies.LastOrDefault()?.Model ?? _wasted.LastOrDefault()?.Usage.Model,
            }
            : null;
    }

    /// <summary>What all of them have cost together; <c>null</c> where none has a price.</summary>
    public decimal? Cost(Func<TokenUsage, decimal?> price)
    {
        var costs = Usages().Select(price).OfType<decimal>().ToList();
        return costs.Count == 0 ? null : costs.Sum();
    }

    private IEnumerable<TokenUsage> Usages() => _replies.Select(reply => reply.Usage)
        .Concat(_condensing)
        .Concat(_wasted.Select(wasted => wasted.Usage))
        .OfType<TokenUsage>()
        .Concat(_nested.Values.SelectMany(nested => nested.Usages()));
}
