using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Samples.Loop;

/// <summary>Writes what happens as it happens: each piece of text the moment it comes, and what had none when it is finished.</summary>
internal static class Screen
{
    private static readonly HashSet<StepId> Streamed = [];

    public static void Show(SessionEvent happened)
    {
        switch (happened)
        {
            case StepDelta delta:
                Console.Write(Streamed.Add(delta.StepId) ? $"{delta.StepType}: {delta.Delta}" : delta.Delta);
                break;
            case ReasoningStep step:
                Console.WriteLine(Streamed.Contains(step.StepId) ? "" : $"{step.StepType}: {step.Content}");
                break;
            case RunFinished end:
                Console.WriteLine($"{end.Status} after {end.Iterations} replies{(end.Error is { } error ? $": {error}" : "")}");
                break;
            default:
                // Usage, text that is taken back and so on: see SessionEvent.
                break;
        }
    }
}
