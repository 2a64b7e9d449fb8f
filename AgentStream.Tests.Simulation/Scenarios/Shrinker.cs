using AgentStream.Tests.Simulation.Judging;
using AgentStream.Tests.Simulation.Mutants;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>Makes a scenario that fails smaller while it still does.</summary>
internal static class Shrinker
{
    private const int MostTries = 40;

    public static async Task<(Scenario Scenario, Verdict Verdict)> ShrinkAsync(
        Scenario scenario, Verdict verdict, Mutation? mutation = null)
    {
        var left = MostTries;
        for (var isSmaller = true; isSmaller;)
        {
            isSmaller = false;
            foreach (var candidate in Smaller(scenario))
            {
                if (left-- == 0)
                {
                    return (scenario, verdict);
                }

                var judged = await Simulation.RunAsync(candidate, mutation);
                if (!judged.IsGood)
                {
                    (scenario, verdict, isSmaller) = (candidate, judged, true);
                    break;
                }
            }
        }

        return (scenario, verdict);
    }

    private static IEnumerable<Scenario> Smaller(Scenario scenario)
    {
        if (scenario.Faults.Count > 1)
        {
            yield return scenario with { Faults = [] };
        }

        foreach (var fault in scenario.Faults)
        {
            yield return scenario with { Faults = [.. scenario.Faults.Where(other => other != fault)] };
        }

        if (scenario.News != default)
        {
            yield return scenario with { News = default };
        }

        if (scenario.ModelBreaks > 0)
        {
            yield return scenario with { ModelBreaks = 0 };
        }

        foreach (var action in scenario.Actions)
        {
            yield return scenario with { Actions = [.. scenario.Actions.Where(other => other != action)] };
        }
    }
}
