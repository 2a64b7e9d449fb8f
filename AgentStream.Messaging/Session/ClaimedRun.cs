using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Session;

/// <summary>The run that was claimed at least once and is not over: a session has one at most.</summary>
internal sealed class ClaimedRun(RunRequest request, KnownRun known, DateTimeOffset firstStartedAt)
{
    private readonly OrderedDictionary<StepId, StepText> _unsettled = [];
    private readonly OrderedDictionary<ToolCallId, Approval> _approvals = [];
    private DateTimeOffset _parkedAt;

    public RunRequest Request => request;

    public KnownRun Known => known;

    public DateTimeOffset FirstStartedAt => firstStartedAt;

    /// <summary>The number of times it was claimed.</summary>
    public int Claims { get; set; }

    /// <summary>The number of times it was handed back.</summary>
    public int Releases { get; set; }

    public List<ReadOnlyMemory<byte>> Checkpoints { get; } = [];

    /// <summary>
    /// The end of the run if it is cancelled while it is parked; <c>null</c>: it is not parked.
    /// A parked run stays so until somebody claims it.
    /// </summary>
    public RunFinished? IfCancelled { get; private set; }

    /// <summary>Nobody has it, and nobody may write for it.</summary>
    public bool IsParked => IfCancelled is not null;

    /// <summary>It waits for people: it can't be claimed.</summary>
    public bool IsWaiting => IsParked && Open.Any();

    /// <summary>The time for which it was parked, until it was claimed last.</summary>
    public TimeSpan Parked { get; private set; }

    /// <summary>The questions that nobody has answered, in the order in which they were asked.</summary>
    public IEnumerable<ToolApprovalRequired> Open
        => _approvals.Values.Where(approval => approval.Decision is null).Select(approval => approval.Question);

    /// <summary>The decisions, in the order of the questions.</summary>
    public IReadOnlyList<ToolApprovalResolved> Decisions
        => [.. _approvals.Values.Select(approval => approval.Decision).OfType<ToolApprovalResolved>()];

    public ToolApprovalRequired? QuestionOf(ToolCallId id) => _approvals.TryGetValue(id, out var approval) ? approval.Question : null;

    public ToolApprovalResolved? DecisionOf(ToolCallId id) => _approvals.TryGetValue(id, out var approval) ? approval.Decision : null;

    public void Park(ParkedRecord parked)
    {
        IfCancelled = parked.IfCancelled;
        _parkedAt = parked.At;
        Releases++;
    }

    public void Unpark(DateTimeOffset at)
    {
        if (IsParked)
        {
            IfCancelled = null;
            Parked += at > _parkedAt ? at - _parkedAt : TimeSpan.Zero;
        }
    }

    /// <summary>Steps that stand in the log and that no checkpoint covers.</summary>
    public IReadOnlyList<OpenStep> Unsettled() => [.. _unsettled.Values.Select(step => step.ToOpenStep())];

    public void Apply(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case StepDelta delta when _unsettled.TryGetValue(delta.StepId, out var text):
                text.Append(delta.Delta);
                break;

            case StepDelta delta:
                _unsettled.Add(delta.StepId, StepText.Of(delta));
                break;

            case ReasoningStep step:
                _unsettled[step.StepId] = StepText.Of(step);
                break;

            case StepSuperseded superseded:
                foreach (var stepId in superseded.StepIds)
                {
                    _unsettled.Remove(stepId);
                }

                break;

            case ToolApprovalRequired question:
                _approvals.Remove(question.ToolCallId);
                _approvals.Add(question.ToolCallId, new Approval(question, null));
                break;

            case ToolApprovalResolved decision when _approvals.TryGetValue(decision.ToolCallId, out var approval):
                _approvals[decision.ToolCallId] = approval with { Decision = decision };
                break;

            case CancelRequested:
                known.CancelRequested = true;
                break;
        }
    }

    /// <summary>A checkpoint covers all steps that were finished with it or before.</summary>
    public void Add(ReadOnlyMemory<byte> checkpoint)
    {
        Checkpoints.Add(checkpoint);
        for (var i = _unsettled.Count - 1; i >= 0; i--)
        {
            if (_unsettled.GetAt(i).Value.Finished)
            {
                _unsettled.RemoveAt(i);
            }
        }
    }

    private sealed record Approval(ToolApprovalRequired Question, ToolApprovalResolved? Decision);
}
