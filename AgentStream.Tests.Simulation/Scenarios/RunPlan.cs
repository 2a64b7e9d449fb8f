using AgentStream.Tests.Simulation.Engine;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>What the model does in one run, and what therefore comes of it.</summary>
/// <param name="Number">Stands in the message that asks for it.</param>
/// <param name="Replies">The model's replies; the last one makes no calls.</param>
internal sealed record RunPlan(int Number, IReadOnlyList<ReplyPlan> Replies)
{
    private const string Prefix = "plan-";

    public string Message => $"{Prefix}{Number} please";

    public string Answer => string.Concat(Replies[^1].Pieces);

    public bool BreaksOff => Replies.Any(reply => reply.Breaks > 0);

    public static RunPlan Draw(long seed, int number, double breaks)
    {
        var draws = new Draws((seed * 7919) + number);
        var replies = new List<ReplyPlan>();
        var count = draws.Int("replies", 1, 4);
        for (var reply = 0; reply < count; reply++)
        {
            var isLast = reply == count - 1;
            var calls = isLast ? [] : Enumerable.Range(0, draws.Int("calls", 1, 3))
                .Select(call => new CallPlan(draws.Of("tool", SimTools.Names), $"p{number}-{reply}-{call}")).ToList();

            // Calls side by side are made only where all may be.
            if (calls.Count > 1 && draws.Hit("peeks", 0.3))
            {
                calls = calls.ConvertAll(call => call with { Tool = SimTools.Peek });
            }

            var pieces = Enumerable.Range(0, draws.Int("pieces", isLast ? 1 : 0, 12))
                .Select(piece => $"w{number}.{reply}.{piece};").ToList();
            replies.Add(new ReplyPlan(pieces, calls)
            {
                Thinks = draws.Hit("thinks", 0.3),
                Pause = draws.Time("pause", 1, draws.Hit("slow", 0.3) ? 900 : 40),
                Breaks = draws.Hit("breaks", breaks) ? draws.Int("breaks", 1, 4) : 0,
                BreaksAt = draws.Int("breaks at", 0, pieces.Count),
            });
        }

        return new RunPlan(number, replies);
    }

    /// <summary>The number in a message; <c>null</c>: it is none of ours.</summary>
    public static int? NumberIn(string text)
    {
        var at = text.LastIndexOf(Prefix, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var digits = text.AsSpan(at + Prefix.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], out var number) ? number : null;
    }
}

/// <summary>One reply of the model.</summary>
/// <param name="Pieces">Its text.</param>
/// <param name="Calls">The tools that it then calls.</param>
internal sealed record ReplyPlan(IReadOnlyList<string> Pieces, IReadOnlyList<CallPlan> Calls)
{
    public bool Thinks { get; init; }

    public TimeSpan Pause { get; init; }

    /// <summary>How often it breaks off before it is whole.</summary>
    public int Breaks { get; init; }

    /// <summary>Before which of its pieces.</summary>
    public int BreaksAt { get; init; }
}

/// <summary>One call.</summary>
/// <param name="Tool">Of what.</param>
/// <param name="Item">Its argument, which no other call of the scenario has.</param>
internal sealed record CallPlan(string Tool, string Item);
