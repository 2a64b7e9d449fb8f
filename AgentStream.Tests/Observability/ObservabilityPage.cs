using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Observability;

/// <summary>What docs/observability.md says of the metrics.</summary>
internal static partial class ObservabilityPage
{
    public static string Text { get; } = Repository.Read("docs/observability.md");

    public static IReadOnlyList<(string Name, string Kind, string Unit)> Metrics { get; } =
        [.. Row().Matches(Text).Select(match => (match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["unit"].Value))];

    /// <summary>The attributes of each metric.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes { get; } = Row().Matches(Text).ToDictionary(
        match => match.Groups["name"].Value,
        match => (IReadOnlyList<string>)[.. Name().Matches(match.Groups["attributes"].Value).Select(name => name.Groups[1].Value)]);

    // | `agentstream.runs.finished` | counter | `{run}` | `agentstream.run.status` (`completed`, …) | … |
    [GeneratedRegex(
        @"^\| `(?<name>[a-z_.]+)` \| (?<kind>counter|up-down counter|gauge|histogram) \| `(?<unit>[^`]+)` \|(?<attributes>[^|]*)\|",
        RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`([a-z_]+(\.[a-z_]+)+)`")]
    private static partial Regex Name();
}
