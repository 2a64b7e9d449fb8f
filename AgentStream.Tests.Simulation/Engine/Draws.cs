namespace AgentStream.Tests.Simulation.Engine;

/// <summary>
/// Random numbers by name: what is drawn for one thing depends on nothing that is drawn for others, so that the order in which
/// things happen at the same time changes none of them, and a scenario with a fault less is otherwise much the same.
/// </summary>
internal sealed class Draws(long seed)
{
    private readonly Dictionary<string, ulong> _counts = new(StringComparer.Ordinal);

    /// <summary>0 to 1.</summary>
    public double Next(string name)
    {
        var count = _counts.GetValueOrDefault(name);
        _counts[name] = count + 1;
        return Mix((ulong)seed * 0x9E3779B97F4A7C15 ^ Hash(name) ^ (count * 0xD1B54A32D192ED03)) / (double)(1UL << 53);
    }

    public bool Hit(string name, double probability) => probability > 0 && Next(name) < probability;

    public int Int(string name, int from, int to) => from + (int)(Next(name) * (to - from + 1));

    public TimeSpan Time(string name, double fromMilliseconds, double toMilliseconds)
        => TimeSpan.FromMilliseconds(fromMilliseconds + (Next(name) * (toMilliseconds - fromMilliseconds)));

    /// <summary>The way through the network: mostly a millisecond, now and then much more.</summary>
    public TimeSpan Latency(string name)
    {
        var luck = Next(name);
        return luck < 0.95 ? Time(name, 0.2, 2) : luck < 0.995 ? Time(name, 2, 60) : Time(name, 60, 600);
    }

    public T Of<T>(string name, IReadOnlyList<T> choices) => choices[Int(name, 0, choices.Count - 1)];

    // FNV-1a: a string's own hash differs from process to process.
    private static ulong Hash(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var letter in text)
        {
            hash = (hash ^ letter) * 0x100000001B3;
        }

        return hash;
    }

    // SplitMix64.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return (value ^ (value >> 31)) >> 11;
    }
}
