namespace AgentStream.Benchmarks.Rows;

/// <summary>One figure of a row: over all repetitions, ours in relation to a peer, or ours alone.</summary>
/// <param name="Row">The id of the row, such as <c>P2</c>.</param>
/// <param name="What">What is compared, in words.</param>
/// <param name="Goal">The bound that the median must keep; null: none, the figure is only told.</param>
/// <param name="AtLeast">Whether the goal is a lower bound.</param>
/// <param name="Unit">The unit of an absolute figure; null: a ratio.</param>
internal sealed record Comparison(string Row, string What, double? Goal, bool AtLeast = false, string? Unit = null)
{
    private readonly List<double> _values = [];

    public IReadOnlyList<double> Values => _values;

    /// <summary>The median of all repetitions; NaN before the first.</summary>
    public double Median => _values.Count == 0 ? double.NaN : _values.Order().ElementAt(_values.Count / 2);

    public double Min => _values.Count == 0 ? double.NaN : _values.Min();

    public double Max => _values.Count == 0 ? double.NaN : _values.Max();

    /// <summary>Tells whether the median keeps the goal; null where there is none.</summary>
    public bool? IsMet => Goal is not { } goal ? null : AtLeast ? Median >= goal : Median <= goal;

    public void Add(double value) => _values.Add(value);
}
