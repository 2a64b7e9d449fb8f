using AgentStream.Benchmarks.Report;

namespace AgentStream.Benchmarks.Rows;

/// <summary>A figure that comes repetition by repetition.</summary>
/// <param name="what">What is compared, in words.</param>
/// <param name="goal">The bound that the median must keep; null: none, the figure is only told.</param>
/// <param name="atLeast">Whether the goal is a lower bound.</param>
/// <param name="unit">The unit of an absolute figure; null: a ratio.</param>
internal sealed class Comparison(string what, double? goal, bool atLeast, string? unit)
{
    private readonly List<double> _values = [];

    public string What => what;

    public Figure Figure => new(what, goal, atLeast, unit, _values);

    public void Add(double value) => _values.Add(value);
}
