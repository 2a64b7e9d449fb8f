using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Session;

/// <summary>Which steps no checkpoint covers, and what the log says of them.</summary>
internal static class UnsettledSteps
{
    public static IReadOnlyList<UnsettledStep> Hear(IReadOnlyList<UnsettledStep> steps, LogEntry entry)
    {
        switch (entry.Event)
        {
            // Further deltas of a step add nothing to what is known of it, unless it was superseded or covered meanwhile.
            case StepDelta delta:
                return steps.Any(step => step.StepId == delta.StepId)
                    ? steps
                    : [.. steps, new UnsettledStep(delta.StepId, entry.Offset, Finished: false)];

            case ReasoningStep finished:
                return steps.Any(step => step.StepId == finished.StepId)
                    ? [.. steps.Select(step => step.StepId == finished.StepId ? step with { Finished = true } : step)]
                    : [.. steps, new UnsettledStep(finished.StepId, entry.Offset, Finished: true)];

            case StepSuperseded superseded:
                return [.. steps.Where(step => !superseded.StepIds.Contains(step.StepId))];

            default:
                return steps;
        }
    }

    /// <summary>A checkpoint covers all steps that were finished with it or before.</summary>
    public static IReadOnlyList<UnsettledStep> Cover(IReadOnlyList<UnsettledStep> steps) => [.. steps.Where(step => !step.Finished)];

    /// <summary>The text of the steps, in the order in which they began.</summary>
    /// <param name="steps">The steps.</param>
    /// <param name="entries">The log from the first entry of the first of them on.</param>
    public static IReadOnlyList<OpenStep> Read(IReadOnlyList<UnsettledStep> steps, IEnumerable<LogEntry> entries)
    {
        var firsts = steps.ToDictionary(step => step.StepId, step => step.First);
        var texts = new OrderedDictionary<StepId, StepText>();
        foreach (var entry in entries)
        {
            switch (entry.Event)
            {
                case StepDelta delta when firsts.TryGetValue(delta.StepId, out var first) && first <= entry.Offset:
                    if (texts.TryGetValue(delta.StepId, out var text))
                    {
                        text.Append(delta.Delta);
                    }
                    else
                    {
                        texts.Add(delta.StepId, StepText.Of(delta));
                    }

                    break;

                case ReasoningStep step when firsts.TryGetValue(step.StepId, out var first) && first <= entry.Offset:
                    texts[step.StepId] = StepText.Of(step);
                    break;
            }
        }

        return [.. texts.Values.Select(text => text.ToOpenStep())];
    }
}
