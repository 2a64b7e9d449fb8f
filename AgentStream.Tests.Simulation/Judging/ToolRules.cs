using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Scenarios;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What tools may have done to the world outside, and what the log has to say of it.</summary>
internal sealed class ToolRules(Scenario scenario, SimWorld world, Judge judge)
{
    private readonly List<string> _failures = [];

    public IReadOnlyList<string> Check()
    {
        foreach (var item in judge.Effects.GroupBy(effect => effect.Item).Where(
            item => SimTools.IsHarmful(item.First().Tool) && item.Count() > 1))
        {
            _failures.Add($"{item.First().Tool} {item.Key} was executed {item.Count()} times");
        }

        foreach (var (session, truth) in judge.Sessions)
        {
            CheckResults(session, truth);
            CheckApprovals(session, truth);
        }

        return _failures;
    }

    private void CheckResults(string session, Truth truth)
    {
        var isCalm = !scenario.Faults.Any(fault => fault.Kind.ToString() is var kind
            && (kind.Contains("Pause", StringComparison.Ordinal) || kind.Contains("Cut", StringComparison.Ordinal)
                || kind.Contains("Late", StringComparison.Ordinal) || kind.Contains("Error", StringComparison.Ordinal)
                || kind.Contains("Disk", StringComparison.Ordinal) || kind.StartsWith("Store", StringComparison.Ordinal)));
        for (var index = 0; index < truth.Log.Count; index++)
        {
            var seen = truth.Log[index];
            if (seen.Type != Seen.Step || seen.Extra.Split('|') is not [var type, var tool, var call, var isError, var inDoubt, _])
            {
                continue;
            }

            var effects = judge.Effects.Where(effect => effect.Session == session && effect.Call == call).ToList();
            if (type == "tool_use")
            {
                var cancelled = truth.Log.FindIndex(one => one.Run == seen.Run && one.Type == "cancel_requested");
                if (cancelled >= 0 && cancelled < index && effects.Count > 0)
                {
                    Fail(session, seen, $"begins {tool} in a run that was cancelled");
                }
            }
            else if (type == "tool_result" && call.Length > 0)
            {
                // One without a call is what a lost attempt had begun to show.
                if (isError == "no" && effects.Count == 0)
                {
                    Fail(session, seen, $"is a result of {tool}, which was not executed");
                }

                if (SimTools.IsHarmful(tool) && isError == "yes" && inDoubt == "no" && effects.Count > 0)
                {
                    Fail(session, seen, $"says that {tool} failed, and it took effect");
                }

                // A worker that had been frozen may do what it had announced before, and a write may stand that its worker was told had
                // failed: then nobody knows better.
                if (isCalm && effects.Exists(effect => effect.At > truth.At[index]))
                {
                    Fail(session, seen, $"is the result of {tool}, which was executed again");
                }
            }
        }
    }

    private void CheckApprovals(string session, Truth truth)
    {
        foreach (var required in truth.Log.Where(seen => seen.Type == "tool_approval_required").DistinctBy(seen => seen.Key))
        {
            var resolved = truth.Log.Where(seen => seen.Type == "tool_approval_resolved" && seen.Key == required.Key).ToList();
            if (resolved.Count != 1)
            {
                Fail(session, required, $"was answered {resolved.Count} times");
            }
        }

        foreach (var effect in judge.Effects.Where(effect => effect.Session == session && effect.Tool == SimTools.Wipe))
        {
            var allowed = truth.Log.FindIndex(
                seen => seen is { Type: "tool_approval_resolved", Extra: "true" } && seen.Key == effect.Call);
            if (allowed < 0 || truth.At[allowed] > effect.At)
            {
                _failures.Add($"{session}: {effect.Tool} {effect.Item} was executed, and nobody had allowed it");
            }
        }
    }

    private void Fail(string session, Seen seen, string what)
        => _failures.Add($"{session}: entry {seen.Seq} ({seen.Extra}) at {world.Elapsed.TotalSeconds:0} s {what}");
}
