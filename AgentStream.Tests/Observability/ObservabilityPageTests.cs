using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace AgentStream.Tests.Observability;

/// <summary>docs/observability.md and the dashboard name exactly what the code measures.</summary>
public sealed partial class ObservabilityPageTests
{
    private static readonly HashSet<string> Series = [.. Instruments.All.SelectMany(Instruments.PrometheusNamesOf)];

    // Those that the page gives a metric; that metrics have no others is seen over the wire, in ClusterTraceTests.
    private static readonly HashSet<string> Labels =
        [.. ObservabilityPage.Attributes.SelectMany(metric => metric.Value).Select(name => name.Replace('.', '_'))];

    [Fact]
    public void MetricsTable_Rows_AreTheInstruments()
    {
        Assert.Equal(
            Instruments.All.Select(instrument => (instrument.Name, Instruments.KindOf(instrument), instrument.Unit ?? "")).Order(),
            ObservabilityPage.Metrics.Order());
    }

    [Fact]
    public void Queries_OfThePageAndTheAlerts_NameSeriesThatExist()
    {
        var alerts = Repository.Read("docs/grafana/alerts.yaml");
        var yaml = new YamlStream();
        yaml.Load(new StringReader(alerts));

        var tests = Repository.Read("docs/grafana/alerts.test.yaml");
        var named = SeriesName().Matches(ObservabilityPage.Text + alerts + tests).Select(match => match.Value).ToHashSet();

        Assert.True(named.Count > 10);
        Assert.Empty(named.Except(Series).Except(Labels));
    }

    [Fact]
    public void Dashboard_Panels_ShowEachMetricThatIsOursAndNoneThatIsNot()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read("docs/grafana/agentstream.json"));
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!).ToList();

        var named = queries.SelectMany(query => SeriesName().Matches(query)).Select(match => match.Value).ToHashSet();

        Assert.All(queries, query => Assert.Matches(SeriesName(), query));
        Assert.Empty(named.Except(Series).Except(Labels));
        Assert.Empty(Instruments.All.Where(instrument => !Instruments.PrometheusNamesOf(instrument).Any(named.Contains))
            .Select(instrument => instrument.Name));
    }

    [GeneratedRegex(@"\b(agentstream|gen_ai_client)_[a-z_]+\b")]
    private static partial Regex SeriesName();
}
