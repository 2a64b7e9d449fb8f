namespace AgentStream.Tests.Simulation.Engine;

/// <summary>How often something really happened.</summary>
internal sealed class Counts
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, long>> All => _counts;

    public long this[string name] => _counts.GetValueOrDefault(name);

    public void Add(string name, long count = 1) => _counts[name] = this[name] + count;

    public void Add(Counts others)
    {
        foreach (var (name, count) in others.All)
        {
            Add(name, count);
        }
    }
}
