using System.Text;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Worker.Running.Execution;

/// <summary>Makes one delta of those that gathered while an append was under way: one entry costs what ten do.</summary>
internal static class DeltaMerging
{
    public static IReadOnlyList<SessionEvent> Merge(IReadOnlyList<StepDelta> deltas)
    {
        List<SessionEvent> merged = [];
        for (var i = 0; i < deltas.Count;)
        {
            var first = deltas[i];
            var end = i + 1;
            while (end < deltas.Count && deltas[end].StepId == first.StepId && deltas[end].StepType == first.StepType)
            {
                end++;
            }

            merged.Add(end == i + 1 ? first : first with { Delta = Concat(deltas, i, end) });
            i = end;
        }

        return merged;
    }

    private static string Concat(IReadOnlyList<StepDelta> deltas, int start, int end)
    {
        var text = new StringBuilder();
        for (var i = start; i < end; i++)
        {
            text.Append(deltas[i].Delta);
        }

        return text.ToString();
    }
}
