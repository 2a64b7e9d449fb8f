using System.Globalization;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;
using AgentStream.Worker.Hosting;
using YamlDotNet.Serialization;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>The example that scales workers asks for metrics that there are, and knows what a worker takes.</summary>
public sealed partial class KedaTests
{
    private static readonly string Text = Repository.Read("deploy/helm/keda.yaml");

    private readonly Dictionary<string, object> _spec = ComposeFile.Map(
        new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(Text)["spec"]);

    [Fact]
    public void Queries_Metrics_AreThoseOfThePage()
    {
        // | `agentstream.queue.age` | gauge | `s` | is agentstream_queue_age_seconds to Prometheus.
        var known = Metric().Matches(Repository.Read("docs/observability.md"))
            .Select(match => match.Groups["name"].Value.Replace('.', '_') + (match.Groups["unit"].Value == "s" ? "_seconds" : ""))
            .ToHashSet(StringComparer.Ordinal);
        var asked = Name().Matches(Text).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();

        Assert.Equal(3, asked.Count);
        Assert.All(asked, name => Assert.Contains(name, known));
    }

    [Fact]
    public void Triggers_All_FallBackWherePrometheusIsSilent()
    {
        var triggers = ((List<object>)_spec["triggers"]).Select(ComposeFile.Map).ToList();
        var fallback = ComposeFile.Map(_spec["fallback"]);

        // KEDA falls back only for averages, and only where silence counts as a failure.
        Assert.Equal(2, triggers.Count);
        Assert.All(triggers, trigger => Assert.Equal(
            ("prometheus", "AverageValue", "false"),
            ((string)trigger["type"], (string)trigger["metricType"], (string)ComposeFile.Map(trigger["metadata"])["ignoreNullValues"])));
        Assert.InRange(Number(fallback["replicas"]), Number(_spec["minReplicaCount"]), Number(_spec["maxReplicaCount"]));
        Assert.InRange(Number(_spec["minReplicaCount"]), 1, 10);
    }

    [Fact]
    public void Runs_OfAWorker_AreFewerThanItTakes()
    {
        var runs = ComposeFile.Map(ComposeFile.Map(((List<object>)_spec["triggers"])[0])["metadata"]);

        Assert.InRange(Number(runs["threshold"]), 1, new WorkerOptions().MaxConcurrentRuns - 1);
        Assert.Contains($"which takes {new WorkerOptions().MaxConcurrentRuns} ", Text, StringComparison.Ordinal);
    }

    [HelmFact]
    public async Task Target_IsTheDeploymentThatTheChartMakes_WithoutANumberOfItsOwn()
    {
        var chart = await RenderedChart.RenderAsync("scaled-values.yaml");
        var target = (string)ComposeFile.Map(_spec["scaleTargetRef"])["name"];

        Assert.Null(chart.Deployments.Single(deployment => deployment.Metadata.Name == target).Spec.Replicas);
    }

    private static int Number(object value) => int.Parse((string)value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| `(?<name>agentstream\.[a-z._]+)` \| [a-z -]+ \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Metric();

    [GeneratedRegex("agentstream_[a-z_]+")]
    private static partial Regex Name();
}
