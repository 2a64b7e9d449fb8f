using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Worker.Running.Checkpoints;

/// <summary>How far a run is: its records, folded.</summary>
internal sealed class RunState
{
    private readonly List<ReplyRecorded> _replies = [];
    private readonly List<ReplyWasted> _wasted = [];
    private readonly HashSet<ToolCallId> _intended = [];
    private readonly Dictionary<ToolCallId, string> _edits = [];
    private readonly Dictionary<ToolCallId, CallFinished> _results = [];

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

    /// <summary>W3C trace context of the attempt before this one, where it was traced.</summary>
    public string? PreviousAttempt { get; private set; }

    /// <summary>Characters that the model has written so far.</summary>
    public int Characters => _replies.Sum(reply => reply.Characters) + _wasted.Sum(reply => reply.Characters);

    public TimeSpan ToolTime => TimeSpan.FromMilliseconds(_results.Values.Sum(result => result.DurationMs));

    /// <summary>The calls of the last reply that have no result yet, in the order of the reply.</summary>
    public IEnumerable<RecordedCall> OpenCalls => _replies.Count == 0 ? [] : _replies[^1].Calls.Where(call => !_results.ContainsKey(call.Id));

    /// <summary>The open calls of the last reply behind the first so many of it.</summary>
    public IEnumerable<RecordedCall> CallsBeyond(int limit) => _replies.Count == 0 ? [] : _replies[^1].Calls.Skip(limit).Where(call => !_results.ContainsKey(call.Id) && !_intended.Contains(call.Id));

    public bool IsIntended(ToolCallId id) => _intended.Contains(id);

    /// <summary>The arguments with which a person let the call run; <c>null</c> where it runs as the model wrote it.</summary>
    public string? EditOf(ToolCallId id) => _edits.GetValueOrDefault(id);

    public CallFinished? ResultOf(ToolCallId id) => _results.GetValueOrDefault(id);

    public void Apply(RunRecord record)
    {
        PreviousAttempt = record.Attempt ?? PreviousAttempt;
        switch (record)
        {
            case ReplyRecorded reply:
                _replies.Add(reply);
                break;
            case ReplyWasted wasted:
                _wasted.Add(wasted);
                break;
            case CallsIntended intent:
                _intended.UnionWith(intent.Ids);
                foreach (var edit in intent.Edits ?? [])
                {
                    _edits[edit.Id] = edit.Arguments;
                }

                break;
            case CallFinished result:
                _results[result.Id] = result;
                break;
            case AttemptStarted:
                break;
            default:
                throw new InvalidOperationException($"A record of the unknown kind {record.GetType().Name}.");
        }
    }

    /// <summary>Tokens of all replies together, those that broke off included; <c>null</c> where there was none yet.</summary>
    public TokenUsage? TotalUsage()
    {
        var replies = _replies.Select(reply => reply.Usage).OfType<TokenUsage>().ToList();
        return UsageTotals.Of([.. replies, .. _wasted.Select(wasted => wasted.Usage)]) is { } total
            ? total with
            {
                TimeToFirstTokenMs = replies.Select(usage => usage.TimeToFirstTokenMs).FirstOrDefault(given => given is not null),
                Model = replies.LastOrDefault()?.Model ?? _wasted.LastOrDefault()?.Usage.Model,
            }
            : null;
    }
}
