using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Scenarios;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What became of a scenario.</summary>
internal sealed record Verdict(IReadOnlyList<string> Failures, Counts Counts, ulong Trace, TimeSpan Lasted)
{
    public bool IsGood => Failures.Count == 0;

    public static Verdict Of(Scenario scenario, SimWorld world, Judge judge)
    {
        var failures = new List<string>([.. world.Failures, .. judge.Failures]);
        failures.AddRange(new LogRules(scenario, world, judge).Check());
        failures.AddRange(new ToolRules(scenario, world, judge).Check());
        failures.AddRange(new ClientRules(scenario, judge).Check());
        world.Counts.Add("entries", judge.Sessions.Values.Sum(truth => truth.Log.Count));
        world.Counts.Add("runs", judge.Sessions.Values.Sum(truth => truth.Log.Count(seen => seen.Type == "run_queued")));
        return new Verdict(failures, world.Counts, TraceOf(judge), world.Elapsed);
    }

    // Ids are random; all else repeats, the time of each entry included.
    private static ulong TraceOf(Judge judge)
    {
        var trace = 0xCBF29CE484222325;
        foreach (var (session, truth) in judge.Sessions.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(session);
            for (var index = 0; index < truth.Log.Count; index++)
            {
                Add(truth.Log[index].Type);
                Add($"{truth.At[index].Ticks}");
                if (truth.Log[index].Type == Seen.Delta)
                {
                    Add(truth.Log[index].Text);
                }
            }
        }

        return trace;

        void Add(string text)
        {
            foreach (var letter in text)
            {
                trace = (trace ^ letter) * 0x100000001B3;
            }
        }
    }
}
