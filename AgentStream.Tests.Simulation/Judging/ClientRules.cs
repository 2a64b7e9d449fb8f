using AgentStream.Tests.Simulation.Scenarios;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What clients have to get: each entry once and in order, or a snapshot that is exactly what the log comes to.</summary>
internal sealed class ClientRules(Scenario scenario, Judge judge)
{
    private readonly List<string> _failures = [];

    public IReadOnlyList<string> Check()
    {
        foreach (var witness in judge.Witnesses)
        {
            Check(witness, judge.Sessions.GetValueOrDefault(witness.Session) ?? new Truth());
        }

        return _failures;
    }

    private void Check(Witness witness, Truth truth)
    {
        var view = new View();
        foreach (var got in witness.All)
        {
            switch (got)
            {
                case Seen seen:
                    if (seen.First != view.Seq + 1)
                    {
                        Fail(witness, $"entry {seen.First} to {seen.Seq} came after {view.Seq}");
                        return;
                    }

                    if (!IsOf(truth, seen))
                    {
                        Fail(witness, $"entry {seen.First} to {seen.Seq} is {seen}, which the log does not say");
                        return;
                    }

                    view.Apply(seen);
                    break;
                case (View snapshot, string reason):
                    CheckReason(witness, reason.ToUpperInvariant());
                    if (snapshot.Seq > truth.Log.Count || truth.Through(snapshot.Seq).ToString() is var expected
                        && snapshot.ToString() != expected)
                    {
                        Fail(witness, $"snapshot of {snapshot.Seq} is{Environment.NewLine}{snapshot}and not{Environment.NewLine}"
                            + truth.Through(snapshot.Seq));
                        return;
                    }

                    view = snapshot;
                    break;
                case AcceptedMessage accepted:
                    if (!truth.Log.Exists(seen => seen.Type == "run_queued" && seen.Key == accepted.MessageId && seen.Run == accepted.Run))
                    {
                        Fail(witness, $"message {accepted.MessageId} was accepted and is not there");
                    }

                    break;
                default:
                    break;
            }
        }

        if (witness.IsThere() && view.Seq != truth.Log.Count)
        {
            Fail(witness, $"in the end it had {view.Seq} of {truth.Log.Count} entries");
        }
        else if (witness.IsThere() && view.ToString() != truth.Through(long.MaxValue).ToString())
        {
            Fail(witness, $"in the end it saw{Environment.NewLine}{view}and not{Environment.NewLine}{truth.Through(long.MaxValue)}");
        }
    }

    // Nothing is ever lost or erased here: no cursor can be of another history. But of an epoch that is over and whose entries are gone
    // the store may have forgotten that there was one.
    private void CheckReason(Witness witness, string reason)
    {
        if (reason is "AHEAD"
            || (reason == "EPOCH" && scenario.ReplayWindow > TimeSpan.FromMinutes(1))
            || (reason == "TRIMMED" && scenario.ReplayWindow > TimeSpan.FromMinutes(1))
            || (reason is "TOO_SLOW" or "TOOSLOW" && scenario.MaxBehind > 1_000))
        {
            Fail(witness, $"got a resync for no reason that there was ({reason})");
        }
    }

    // A client that is not the fastest gets pieces of text put together.
    private static bool IsOf(Truth truth, Seen seen)
    {
        if (seen.Seq > truth.Log.Count)
        {
            return false;
        }

        var own = truth.Log[(int)seen.Seq - 1];
        if (seen.First == seen.Seq)
        {
            return own == seen;
        }

        var all = truth.Log.GetRange((int)seen.First - 1, (int)(seen.Seq - seen.First) + 1);
        return seen.Type == Seen.Delta
            && all.TrueForAll(one => one.Type == Seen.Delta && one.Key == seen.Key && one.Run == seen.Run)
            && string.Concat(all.Select(one => one.Text)) == seen.Text;
    }

    private void Fail(Witness witness, string what) => _failures.Add($"{witness.Client} of {witness.Session}: {what}");
}
