using System.Globalization;
using System.Text;

namespace AgentStream.Benchmarks.Report;

/// <summary>
/// The ratios as a picture (SVG): a bar from 1 to the median on a logarithmic axis, its range as a line, the goal as a mark.
/// </summary>
internal static class RatioPicture
{
    private const int Width = 900;
    private const int LineHeight = 26;
    private const int Left = 420;
    private const int Top = 40;
    private const double Decades = 2;

    public static string Draw(IReadOnlyList<RowFigures> rows)
    {
        List<(string Row, Figure Ratio)> ratios =
        [
            .. rows.SelectMany(row => row.Figures.Select(figure => (row.Id, figure)))
                .Where(pair => pair.figure.Unit is null && pair.figure.Median > 0),
        ];
        var height = Top + (ratios.Count * LineHeight) + 20;
        var svg = new StringBuilder();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" font-family=\"system-ui, sans-serif\" "
                + $"font-size=\"12\">");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        foreach (var mark in (double[])[0.01, 0.1, 1, 10, 100])
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{X(mark)}\" y1=\"{Top - 10}\" x2=\"{X(mark)}\" y2=\"{height - 10}\" "
                    + $"stroke=\"{(mark == 1 ? "#666" : "#ddd")}\"/>");
            svg.AppendLine(
                CultureInfo.InvariantCulture, $"<text x=\"{X(mark)}\" y=\"{Top - 16}\" text-anchor=\"middle\" fill=\"#444\">{mark}</text>");
        }

        for (var i = 0; i < ratios.Count; i++)
        {
            Bar(svg, ratios[i].Row, ratios[i].Ratio, Top + (i * LineHeight));
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void Bar(StringBuilder svg, string row, Figure ratio, int y)
    {
        var (one, median) = (X(1), X(ratio.Median));
        var colour = ratio.IsMet switch { true => "#2e7d32", false => "#c62828", null => "#546e7a" };
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left - 10}\" y=\"{y + 14}\" text-anchor=\"end\" fill=\"#222\">{row} {ratio.What}</text>");
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<rect x=\"{Math.Min(one, median)}\" y=\"{y + 4}\" width=\"{Math.Max(1, Math.Abs(median - one))}\" height=\"12\" "
                + $"fill=\"{colour}\"/>");
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"<line x1=\"{X(ratio.Min)}\" y1=\"{y + 10}\" x2=\"{X(ratio.Max)}\" y2=\"{y + 10}\" stroke=\"#111\"/>");
        if (ratio.Goal is { } goal)
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<line x1=\"{X(goal)}\" y1=\"{y + 1}\" x2=\"{X(goal)}\" y2=\"{y + 19}\" stroke=\"#111\" stroke-width=\"2\" "
                    + $"stroke-dasharray=\"3 2\"/>");
        }
    }

    private static double X(double ratio)
        => Math.Round(Left + ((Math.Clamp(Math.Log10(ratio), -Decades, Decades) + Decades) / (2 * Decades) * (Width - Left - 20)), 1);
}
