using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Scenarios;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What a log has to be: one run at a time and in order, each with one true end, its text whole.</summary>
internal sealed class LogRules(Scenario scenario, SimWorld world, Judge judge)
{
    private static readonly string[] LosesWorkers =
    [
        "crash", "crash before a write", "crash after a write", "pause beyond a lease", "pause", "cut both ways", "cut one way",
        "late command", "store error before it acted", "store error after it acted", "disk full", "disk error after it wrote",
        "crash of the store", "crash of the store at a write",
    ];

    private readonly List<string> _failures = [];

    private bool WorkersWereLost => LosesWorkers.Any(fault => world.Counts[fault] > 0);

    public IReadOnlyList<string> Check()
    {
        foreach (var (session, truth) in judge.Sessions)
        {
            CheckOrder(session, truth);
            CheckRuns(session, truth);
        }

        CheckMessages();
        CheckCancels();
        CheckPrompts();
        return _failures;
    }

    private void CheckOrder(string session, Truth truth)
    {
        List<string> waiting = [];
        HashSet<string> over = [];
        string? active = null;
        foreach (var seen in truth.Log)
        {
            if (seen.Type == "run_queued" && OnBusyOf(seen.Key) == "reject" && (active is not null || waiting.Count > 0))
            {
                Fail(session, seen, "was not to wait, and the session was busy");
            }

            if (over.Contains(seen.Run))
            {
                Fail(session, seen, "follows the end of its run");
            }

            switch (seen.Type)
            {
                case "run_queued" when OnBusyOf(seen.Key) == "interrupt":
                    waiting.Insert(0, seen.Run);
                    break;
                case "run_queued":
                    waiting.Add(seen.Run);
                    break;
                case "run_started" when active != seen.Run:
                    if (active is not null || waiting is not [var first, ..] || first != seen.Run)
                    {
                        Fail(session, seen, $"begins while {active ?? "none"} is under way and {string.Join(',', waiting)} wait");
                    }

                    waiting.Remove(seen.Run);
                    active = seen.Run;
                    break;
                case "cancel_requested" when active is null && waiting is [var claimed, ..] && claimed == seen.Run:
                    // Only of a run that a worker has: that it had begun with it was not written yet.
                    waiting.RemoveAt(0);
                    active = seen.Run;
                    break;
                case "run_finished":
                    over.Add(seen.Run);
                    if (active == seen.Run)
                    {
                        active = null;
                    }
                    else if (!waiting.Remove(seen.Run) || seen.Extra != "cancelled")
                    {
                        // A run may fail before it could begin; then its start stands there as well.
                        Fail(session, seen, "ends and never began");
                    }

                    break;
                default:
                    if (seen.Run != active && seen.Type is Seen.Delta or Seen.Step or "usage")
                    {
                        Fail(session, seen, "speaks for a run that is not under way");
                    }

                    break;
            }
        }

        if (active is not null || waiting.Count > 0)
        {
            _failures.Add($"{session}: run {active ?? waiting[0]} never ended");
        }
    }

    private void CheckRuns(string session, Truth truth)
    {
        foreach (var run in truth.Log.GroupBy(seen => seen.Run))
        {
            var log = run.ToList();
            if (log[0].Type != "run_queued" || log.Count(seen => seen.Type == "run_queued") != 1)
            {
                Fail(session, log[0], "is the first of its run");
            }

            var end = log[^1];
            var isCancelled = log.Exists(seen => seen.Type == "cancel_requested");
            if (isCancelled && end.Type == "run_finished" && end.Extra != "cancelled")
            {
                Fail(session, end, "ends a run that was cancelled");
            }

            var attempts = log.Where(seen => seen.Type == "run_started").Select(seen => int.Parse(seen.Extra)).ToList();
            if (!attempts.SequenceEqual(attempts.Order()) || (attempts is [.., > 1] && !WorkersWereLost))
            {
                Fail(session, end, $"had attempts {string.Join(',', attempts)}");
            }

            CheckSteps(session, log);
            if (end.Type == "run_finished" && judge.Sent.TryGetValue(log[0].Key, out var sent))
            {
                CheckEnd(session, log, judge.Plans(sent.Plan), end);
            }
        }
    }

    private void CheckSteps(string session, List<Seen> log)
    {
        var view = new View();
        HashSet<string> taken = [];
        foreach (var seen in log)
        {
            if (seen.Type is Seen.Delta or Seen.Step && taken.Contains(seen.Key))
            {
                Fail(session, seen, "is of a step that was taken back");
            }

            if (seen.Type == Seen.Step && view.Runs.Single() is var run && !seen.Extra.EndsWith("|yes", StringComparison.Ordinal)
                && run.Open.TryGetValue(seen.Key, out var streamed) && streamed != seen.Text)
            {
                Fail(session, seen, $"has '{seen.Text}' for its content, and '{streamed}' was streamed");
            }

            if (seen.Type == Seen.Step && view.Runs.Single().Steps.Exists(step => step.Id == seen.Key))
            {
                Fail(session, seen, "is of a step that was whole");
            }

            if (seen.Type == "step_superseded")
            {
                taken.UnionWith(seen.Key.Split(','));
            }

            view.Apply(seen);
        }

        if (view.Runs.SingleOrDefault() is { End.Length: > 0, Open.Count: > 0 } over)
        {
            Fail(session, log[^1], $"ends a run with text that has no end: {string.Join(',', over.Open.Values)}");
        }
    }

    private void CheckEnd(string session, List<Seen> log, RunPlan plan, Seen end)
    {
        var view = new View();
        log.ForEach(view.Apply);
        var steps = view.Runs.Single().Steps;
        switch (end.Extra)
        {
            case "completed":
                var answers = steps.Where(step => step.Extra.StartsWith("final_answer", StringComparison.Ordinal)).ToList();
                if (answers is not [var answer] || answer.Content != plan.Answer)
                {
                    Fail(session, end, $"answers {string.Join(" and ", answers.Select(one => one.Content))}, not {plan.Answer}");
                }

                var results = steps.Count(step => step.Extra.StartsWith("tool_result", StringComparison.Ordinal));
                if (results != plan.Replies.Sum(reply => reply.Calls.Count))
                {
                    Fail(session, end, $"has {results} results of {plan.Replies.Sum(reply => reply.Calls.Count)} calls");
                }

                break;
            case "failed" when end.Text == "attempts_exhausted" && WorkersWereLost:
            case "failed" when end.Text.StartsWith("model_", StringComparison.Ordinal) && plan.BreaksOff:
                break;
            case "failed":
                Fail(session, end, $"fails a run for no reason that there was ({end.Text}, {scenario.Faults.Count} faults)");
                break;
            case "cancelled" when !log.Exists(seen => seen.Type == "cancel_requested")
                && !judge.TakenCancels.Exists(taken => taken.Run == end.Run) && !WasInterrupted(session, end):
                Fail(session, end, "says cancelled, and nobody did");
                break;
            default:
                break;
        }
    }

    // One that waits for people ends right before the message that interrupts it. A cancel may have been taken whose answer was lost.
    private bool WasInterrupted(string session, Seen end)
        => scenario.Actions.Any(action => action.Kind == ActionKind.Cancel)
            || judge.Sessions[session].Log.Exists(
                seen => seen.Type == "run_queued" && seen.Seq > end.Seq && OnBusyOf(seen.Key) == "interrupt");

    private void CheckMessages()
    {
        var queued = judge.Sessions
            .SelectMany(session => session.Value.Log.Where(seen => seen.Type == "run_queued").Select(seen => (session.Key, seen)))
            .ToList();
        foreach (var twice in queued.GroupBy(one => one.seen.Key).Where(group => group.Count() > 1))
        {
            _failures.Add($"message {twice.Key} began {twice.Count()} runs");
        }

        foreach (var (session, seen) in queued)
        {
            if (!judge.Sent.TryGetValue(seen.Key, out var sent))
            {
                Fail(session, seen, "is a message that nobody sent");
            }
            else if (sent.Session != session || judge.Plans(sent.Plan).Message != seen.Text)
            {
                Fail(session, seen, "is another message than was sent");
            }
            else if (sent.IsRefused)
            {
                Fail(session, seen, "was refused");
            }
        }

        foreach (var lost in judge.Sent.Values.Where(sent => !sent.IsSettled && !queued.Exists(one => one.seen.Key == sent.MessageId)))
        {
            _failures.Add($"message {lost.MessageId} was lost");
        }
    }

    private void CheckCancels()
    {
        foreach (var (session, run) in judge.TakenCancels)
        {
            var end = judge.Sessions[session].Log.Find(seen => seen.Run == run && seen.Type == "run_finished");
            if (end is not null && end.Extra != "cancelled")
            {
                Fail(session, end, "ends a run whose cancel was taken");
            }
        }
    }

    private void CheckPrompts()
    {
        foreach (var (number, earlier) in judge.Prompts)
        {
            if (earlier.Distinct().Count() != earlier.Count)
            {
                _failures.Add($"plan {number}: the model was shown {string.Join(',', earlier)} before it");
            }

            var sent = judge.Sent.Values.Single(one => one.Plan == number);
            var log = judge.Sessions[sent.Session].Log;
            var run = log.Find(seen => seen.Key == sent.MessageId)!.Run;
            var begun = log.FindIndex(seen => seen.Run == run && seen.Type == "run_started");
            foreach (var done in log.Take(begun).Where(seen => seen is { Type: "run_finished", Extra: "completed" }))
            {
                var message = log.Find(seen => seen.Run == done.Run)!.Key;
                if (judge.Sent.TryGetValue(message, out var before) && !earlier.Contains(before.Plan))
                {
                    _failures.Add($"plan {number}: the model was not told of plan {before.Plan}, which was over");
                }
            }
        }
    }

    private string OnBusyOf(string messageId)
        => judge.Sent.TryGetValue(messageId, out var sent)
            ? scenario.Actions.First(action => action.Kind == ActionKind.Ask && action.Plan == sent.Plan).OnBusy
            : "";

    private void Fail(string session, Seen seen, string what)
        => _failures.Add($"{session}: entry {seen.Seq} ({seen.Type} {seen.Extra} of {seen.Run}) {what}");
}
