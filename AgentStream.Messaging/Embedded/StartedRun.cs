using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Embedded;

/// <summary>The run that was claimed at least once and is not over: a session has one at most.</summary>
internal sealed class StartedRun(RunRequest request, KnownRun known, DateTimeOffset firstStartedAt)
{
    private readonly OrderedDictionary<StepId, StepText> _unsettled = [];

    public RunRequest Request => request;

    public KnownRun Known => known;

    public DateTimeOffset FirstStartedAt => firstStartedAt;

    /// <summary>How often it was claimed.</summary>
    public int Claims { get; set; }

    /// <summary>How often it was handed back.</summary>
    public int Releases { get; set; }

    public List<ReadOnlyMemory<byte>> Checkpoints { get; } = [];

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
}
