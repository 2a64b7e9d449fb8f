using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>The time for which a body asks to be left alone, where no header says it.</summary>
internal static class WaitWords
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private static readonly Regex[] Patterns =
    [
        // Google: "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "26s"
        new(@"retrydelay: ((?<s>\d+(\.\d+)?)s)", Options),
        new(@"retry_after(_seconds)?: (?<s>\d+(\.\d+)?)", Options),
        // Please retry in 1.2s; Please try again in 7m12s; try again in 340ms; retry after 86400 seconds; try again after 1 seconds;
        // Try again in 30 seconds; wait 23160 seconds before retrying
        new(
            @"(retry|try again|wait|reset)s? (in|after"
                + @"|for)? ?(about )?((?<h>\d+) ?h(ours?)? ?)?((?<m>\d+) ?m(in(ute)?s?)? ?)?((?<s>\d+(\.\d+)?) ?s(ec(ond)?s?)?\b"
                + @"|(?<ms>\d+(\.\d+)?) ?ms\b)",
            Options),
        new(@"(retry|try again|wait) (in|after|for)? ?(about )?((?<h>\d+) ?h(ours?)? ?)?(?<m>\d+) ?m(in(ute)?s?)?\b", Options),
    ];

    public static TimeSpan? In(string text)
    {
        foreach (var pattern in Patterns)
        {
            if (pattern.Match(text) is { Success: true } found)
            {
                var seconds = (Number(found, "h") * 3600) + (Number(found, "m") * 60) + Number(found, "s") + (Number(found, "ms") / 1000);
                return TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(36500).TotalSeconds));
            }
        }

        return null;
    }

    private static double Number(Match found, string name) =>
        found.Groups[name] is { Success: true } group
            && double.TryParse(group.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
