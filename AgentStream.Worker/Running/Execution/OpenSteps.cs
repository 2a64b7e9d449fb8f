using System.Text;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// The steps of a run that stand in the log without an end, as its writer knows them:
/// a run that has to end without its loop closes them from here.
/// </summary>
internal sealed class OpenSteps
{
    private readonly Dictionary<StepId, Growing> _steps = [];

    /// <param name="unsettled">What lost attempts left; their finished steps say already what they are.</param>
    public OpenSteps(IEnumerable<OpenStep> unsettled)
    {
        foreach (var step in unsettled.Where(step => !step.Finished))
        {
            _steps.Add(step.StepId, new Growing(step with { Content = "" }, new StringBuilder(step.Content)));
        }
    }

    /// <summary>Follows what was written.</summary>
    public void Take(IEnumerable<SessionEvent> events)
    {
        foreach (var one in events)
        {
            switch (one)
            {
                case StepDelta delta:
                    Grow(delta);
                    break;
                case ReasoningStep step:
                    _steps.Remove(step.StepId);
                    break;
                case StepSuperseded superseded:
                    foreach (var id in superseded.StepIds)
                    {
                        _steps.Remove(id);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The end of all of them: text is kept and says that it was cut off, anything else is taken back.</summary>
    public IReadOnlyList<SessionEvent> Close(StepFactory factory)
    {
        var steps = _steps.Values.Select(step => step.Head with { Content = step.Content.ToString() }).ToList();
        List<SessionEvent> events = [.. steps.Where(StepFactory.CanBeCutOff).Select(factory.CutOff)];
        var rest = steps.Where(step => !StepFactory.CanBeCutOff(step)).Select(step => step.StepId).ToList();
        if (rest.Count > 0)
        {
            events.Add(new StepSuperseded { StepIds = rest, Reason = SupersededReason.AttemptLost });
        }

        return events;
    }

    private void Grow(StepDelta delta)
    {
        if (!_steps.TryGetValue(delta.StepId, out var step))
        {
            var head = new OpenStep
            {
                StepId = delta.StepId,
                StepType = delta.StepType,
                Content = "",
                Iteration = delta.Iteration,
                AgentName = delta.AgentName,
                ParentStepId = delta.ParentStepId,
            };
            _steps.Add(delta.StepId, step = new Growing(head, new StringBuilder()));
        }

        step.Content.Append(delta.Delta);
    }

    private sealed record Growing(OpenStep Head, StringBuilder Content);
}
