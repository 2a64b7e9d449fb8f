using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Execution;

/// <summary>
/// For runs with <c>enable_reasoning: false</c>: lets the answer, errors and the life of the run through to the log.
/// The records keep everything.
/// </summary>
/// <remarks>It stands before the store numbers anything, so offsets stay contiguous.</remarks>
internal sealed class HiddenReasoning
{
    /// <summary>Steps that were shown because they looked like the answer.</summary>
    private readonly HashSet<StepId> _shown = [];

    /// <summary>The visible part of an output; <c>null</c>: nothing, and there is nothing to keep either.</summary>
    public LoopOutput? Filter(LoopOutput output)
    {
        switch (output)
        {
            case LoopDelta { Delta: { StepType: DeltaType.Answer } delta }:
                _shown.Add(delta.StepId);
                return output;
            case LoopDelta:
                return null;
            case LoopCommit commit:
                var events = Filter(commit.Events);
                return events.Count == 0 && commit.Record is null ? null : commit with { Events = events };
            case LoopTake:
                return output;
            case LoopPark park:
                return park with { Events = Filter(park.Events) };
            case LoopEnd end:
                return end with { Events = Filter(end.Events) };
            default:
                throw new InvalidOperationException($"An output of the unknown kind {output.GetType().Name}.");
        }
    }

    private List<SessionEvent> Filter(IReadOnlyList<SessionEvent> events) => [.. events.Select(Filter).OfType<SessionEvent>()];

    private SessionEvent? Filter(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case ReasoningStep { StepType: StepType.FinalAnswer or StepType.Error } outcome:
                return outcome with { Cost = null };
            case ReasoningStep { StepType: StepType.Thought } step when _shown.Remove(step.StepId):
                return new StepSuperseded { StepIds = [step.StepId], Reason = SupersededReason.Hidden };
            case ReasoningStep or UsageReported:
                return null;
            case StepSuperseded { Reason: SupersededReason.Retried } superseded:
                var shown = superseded.StepIds.Where(_shown.Remove).ToList();
                return shown.Count == 0 ? null : superseded with { StepIds = shown };
            default:
                return sessionEvent;
        }
    }
}
