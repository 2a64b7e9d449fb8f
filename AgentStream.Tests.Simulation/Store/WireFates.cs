using AgentStream.Tests.Simulation.Engine;

namespace AgentStream.Tests.Simulation.Store;

/// <summary>What becomes of one question to the store.</summary>
internal enum WireFate
{
    Answered,

    /// <summary>An error, and nothing was done.</summary>
    FailBefore,

    /// <summary>An error, and it was done.</summary>
    FailAfter,

    /// <summary>It arrives much later than the others, maybe after whoever asked has given up.</summary>
    Late,

    /// <summary>Who asks dies before it leaves.</summary>
    CrashBefore,

    /// <summary>Who asks dies when it was done.</summary>
    CrashAfter,
}

/// <summary>The faults that lie in wait on the way to the store.</summary>
internal sealed class WireFates(SimWorld world)
{
    private readonly List<Armed> _armed = [];

    /// <summary>Kills a process, and sees to its next life.</summary>
    public Action<SimProcess> Crash { get; set; } = process => process.Kill();

    /// <summary>Shares of what the store tells by itself that are lost, doubled and late.</summary>
    public (double Lost, double Doubled, double Late) News { get; set; }

    /// <summary>Has something happen to a question of a process.</summary>
    /// <param name="process">Its name.</param>
    /// <param name="kind">What it asks: <c>write</c>, <c>claim</c>, …; <c>null</c>: anything that changes something.</param>
    /// <param name="nth">The how manieth from now on.</param>
    /// <param name="times">How many in a row.</param>
    /// <param name="fate">What happens.</param>
    public void Arm(string process, string? kind, int nth, int times, WireFate fate)
        => _armed.Add(new Armed(process, kind, fate) { Left = nth, Times = times });

    public void Disarm() => _armed.Clear();

    public WireFate Of(SimProcess process, string kind)
    {
        var fate = WireFate.Answered;
        foreach (var armed in _armed.Where(armed => armed.Process == process.Name && armed.Fits(kind)).ToList())
        {
            if (--armed.Left > 0 || fate != WireFate.Answered)
            {
                continue;
            }

            fate = armed.Fate;
            world.Counts.Add($"{fate switch
            {
                WireFate.FailBefore => "store error before it acted",
                WireFate.FailAfter => "store error after it acted",
                WireFate.Late => "late command",
                WireFate.CrashBefore => "crash before a write",
                _ => "crash after a write",
            }}");
            if (--armed.Times == 0)
            {
                _armed.Remove(armed);
            }
        }

        return fate;
    }

    /// <summary>Brings news of the store's to a process: lost, late, doubled, in another order.</summary>
    public void Tell(SimProcess to, SimProcess from, string name, Action tell)
    {
        var draws = world.Draws;
        if (to == from)
        {
            to.Run(tell);
            return;
        }

        if (draws.Hit($"lost/{name}", News.Lost))
        {
            world.Counts.Add("notification lost");
            return;
        }

        Bring();
        if (draws.Hit($"doubled/{name}", News.Doubled))
        {
            world.Counts.Add("notification doubled");
            Bring();
        }

        void Bring()
        {
            var delay = draws.Latency($"news/{name}");
            if (draws.Hit($"late/{name}", News.Late))
            {
                // Those that left after it overtake it.
                world.Counts.Add("notification late, overtaken");
                delay += draws.Time($"late/{name}", 20, 4_000);
            }

            world.Schedule(to, delay, () =>
            {
                if (!world.Network.IsCut(from.Name, to.Name))
                {
                    tell();
                }
            });
        }
    }

    private sealed record Armed(string Process, string? Kind, WireFate Fate)
    {
        public int Left { get; set; }

        public int Times { get; set; }

        public bool Fits(string kind)
            => Kind is null ? kind is "write" or "enqueue" or "claim" or "release" or "cancel" or "answer" : Kind == kind;
    }
}
