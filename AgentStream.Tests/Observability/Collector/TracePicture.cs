using System.Globalization;
using System.Net;
using System.Text;

namespace AgentStream.Tests.Observability.Collector;

/// <summary>
/// Draws a trace that was received, for docs/images: where <c>AGENTSTREAM_TRACE_PICTURE</c> names a file, it is written there.
/// </summary>
internal static class TracePicture
{
    private const int Row = 24;
    private const int Left = 470;
    private const int Width = 640;

    public static async Task SaveAsync(IReadOnlyList<ReceivedSpan> spans)
    {
        if (Environment.GetEnvironmentVariable("AGENTSTREAM_TRACE_PICTURE") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, Draw(spans));
        }
    }

    private static string Draw(IReadOnlyList<ReceivedSpan> spans)
    {
        var start = spans.Min(span => span.StartNanoseconds);
        var all = (double)(spans.Max(span => span.EndNanoseconds) - start);
        var rows = InOrder(spans);
        var height = (rows.Count * Row) + 40;
        var svg = new StringBuilder();
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 90} {height}" font-family="system-ui, sans-serif" font-size="13" role="img">""");
        svg.AppendLine(
            CultureInfo.InvariantCulture,
            $"""<title>{spans.Count} spans of one trace, {all / 1e6:0} ms</title><rect width="100%" height="100%" fill="#fff"/>""");
        foreach (var (span, depth, number) in rows.Select((row, number) => (row.Span, row.Depth, number)))
        {
            var top = 14 + (number * Row);
            var left = Left + ((span.StartNanoseconds - start) / all * Width);
            var width = Math.Max(2, (span.EndNanoseconds - span.StartNanoseconds) / all * Width);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""
                <text x="{12 + (depth * 16)}" y="{top + 14}" fill="#1f2328">{Text(span.Name)}<tspan fill="#6e7781"> {Text(span.Service)}{(span.Links.Count > 1 ? ", linked to the attempt before" : "")}</tspan></text>
                <rect x="{left:0.#}" y="{top + 3}" width="{width:0.#}" height="15" rx="3" fill="{Colour(span)}"/>
                <text x="{Math.Min(left + width + 5, Left + Width + 8):0.#}" y="{top + 15}" fill="#57606a" font-size="11">{(span.EndNanoseconds - span.StartNanoseconds) / 1e6:0.0} ms</text>
                """);
        }

        return svg.AppendLine("</svg>").ToString();
    }

    // As backends show it: a span below its parent, in the order of their beginnings;
    // what hung on a span that was lost with its process stands at the margin.
    private static List<(ReceivedSpan Span, int Depth)> InOrder(IReadOnlyList<ReceivedSpan> spans)
    {
        var known = spans.Select(span => span.SpanId).ToHashSet();
        List<(ReceivedSpan, int)> rows = [];
        void Add(ReceivedSpan span, int depth)
        {
            rows.Add((span, depth));
            foreach (var child in spans.Where(one => one.ParentId == span.SpanId).OrderBy(one => one.StartNanoseconds))
            {
                Add(child, depth + 1);
            }
        }

        foreach (var root in spans.Where(span => !known.Contains(span.ParentId)).OrderBy(span => span.StartNanoseconds))
        {
            Add(root, 0);
        }

        return rows;
    }

    private static string Colour(ReceivedSpan span) => span.Service switch
    {
        "AgentStream.Web" => "#8250df",
        "AgentStream.Api" => "#0969da",
        _ when span.Kind == ReceivedSpan.Client => "#bf8700",
        _ => "#1a7f37",
    };

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
