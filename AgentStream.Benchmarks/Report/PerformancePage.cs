using System.Globalization;
using System.Text;

namespace AgentStream.Benchmarks.Report;

/// <summary>The page with the figures: <c>docs/performance.md</c> between its two marks, so that the words around them stay.</summary>
internal static class PerformancePage
{
    private const string Begin = "<!-- figures: begin -->";
    private const string End = "<!-- figures: end -->";

    // A run that had to share its processors says little.
    private const double SharedFrom = 0.1;

    /// <summary>Makes the table of all rows.</summary>
    public static string Table(IReadOnlyList<RowFigures> rows)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors; medians of all repetitions with their ranges.");
        text.AppendLine();
        text.AppendLine("| row | what | median | range | goal | |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var shared = row.Others >= SharedFrom
                ? string.Create(CultureInfo.InvariantCulture, $"; others used up to {row.Others:P0} of the machine")
                : "";
            text.AppendLine(
                CultureInfo.InvariantCulture, $"| **{row.Id}** | **{row.Title}** ({row.Repetitions} repetitions{shared}) | | | | |");
            foreach (var figure in row.Figures)
            {
                text.AppendLine(Line(row.Id, figure));
            }
        }

        return text.ToString();
    }

    /// <summary>Puts the table between the marks of the page.</summary>
    /// <exception cref="InvalidOperationException">The page lacks a mark.</exception>
    public static async Task WriteAsync(string path, string table, CancellationToken cancellationToken)
    {
        var page = await File.ReadAllTextAsync(path, cancellationToken);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{path} has no place for the figures: it takes the lines {Begin} and {End}.");
        }

        await File.WriteAllTextAsync(path, $"{page[..(begin + Begin.Length)]}\n\n{table}\n{page[end..]}", cancellationToken);
    }

    private static string Line(string row, Figure figure)
    {
        var unit = figure.Unit is null ? "" : $" {figure.Unit}";
        var goal = figure.Goal is { } bound ? $"{(figure.AtLeast ? "≥" : "≤")} {Number(bound)}" : "";
        var met = figure.IsMet switch { true => "met", false => "missed", null => "" };
        return $"| {row} | {figure.What} | {Number(figure.Median)}{unit} | {Number(figure.Min)} to {Number(figure.Max)} | {goal} | {met} |";
    }

    private static string Number(double number) => number.ToString(Math.Abs(number) >= 100 ? "N0" : "0.##", CultureInfo.InvariantCulture);
}
