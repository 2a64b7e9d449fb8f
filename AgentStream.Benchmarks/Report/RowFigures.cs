namespace AgentStream.Benchmarks.Report;

/// <summary>The figures of a row, as they are kept beside the page that shows them.</summary>
/// <param name="Id">The row's id, such as <c>P2</c>.</param>
/// <param name="Title">The question in a few words.</param>
/// <param name="Repetitions">The number of times that it was measured, in one run.</param>
/// <param name="Others">The largest share of the machine that others used during a repetition, 0 to 1.</param>
/// <param name="Figures">What was measured.</param>
internal sealed record RowFigures(string Id, string Title, int Repetitions, double Others, IReadOnlyList<Figure> Figures);

/// <summary>One figure of a row: ours in relation to a peer, or ours alone.</summary>
/// <param name="What">What is compared, in words.</param>
/// <param name="Goal">The bound that the median must keep; null: none, the figure is only told.</param>
/// <param name="AtLeast">Whether the goal is a lower bound.</param>
/// <param name="Unit">The unit of an absolute figure; null: a ratio.</param>
/// <param name="Values">What each repetition gave.</param>
internal sealed record Figure(string What, double? Goal, bool AtLeast, string? Unit, IReadOnlyList<double> Values)
{
    public double Median => Values.Order().ElementAt(Values.Count / 2);

    public double Min => Values.Min();

    public double Max => Values.Max();

    /// <summary>Tells whether the median keeps the goal; null where there is none.</summary>
    public bool? IsMet => Goal is not { } goal ? null : AtLeast ? Median >= goal : Median <= goal;
}
