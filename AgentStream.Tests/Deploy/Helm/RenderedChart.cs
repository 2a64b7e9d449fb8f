using AgentStream.Tests.Support;
using k8s;
using k8s.Models;
using YamlDotNet.Core;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>The objects that the chart makes of some values, read as Kubernetes' own types: a field that these lack is an error.</summary>
internal sealed class RenderedChart
{
    public const string Folder = "deploy/helm/agentstream";

    private RenderedChart(IReadOnlyList<IKubernetesObject<V1ObjectMeta>> objects, string values) => (All, Values) = (objects, values);

    /// <summary>The values that the chart is tried with.</summary>
    public static TheoryData<string> ValuesFiles => [.. Directory
        .GetFiles(Path.Combine(Repository.Root, Folder, "ci"), "*-values.yaml")
        .Select(file => Path.GetFileName(file))
        .Order(StringComparer.Ordinal)];

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> All { get; }

    /// <summary>The text of the values, those of the chart included.</summary>
    public string Values { get; }

    public IEnumerable<V1Deployment> Deployments => All.OfType<V1Deployment>();

    /// <summary>Renders the chart with one of <see cref="ValuesFiles"/>.</summary>
    /// <param name="valuesFile">Its name.</param>
    /// <param name="release">What the release is called.</param>
    /// <param name="chart">Where the chart is; <c>null</c>: in the repository.</param>
    public static async Task<RenderedChart> RenderAsync(string valuesFile, string release = "agentstream", string? chart = null)
    {
        var folder = Path.Combine(Repository.Root, Folder);
        var values = Path.Combine(folder, "ci", valuesFile);
        var answer = await HelmProgram.RunAsync("template", release, chart ?? folder, "--values", values);
        Assert.True(answer.Code == 0, answer.Errors);
        var defaults = await File.ReadAllTextAsync(Path.Combine(folder, "values.yaml"));
        return new(Read(answer.Output), await File.ReadAllTextAsync(values) + defaults);
    }

    /// <summary>Renders the chart as it would be with a change, and says what is wrong with it then.</summary>
    public static async Task<IReadOnlyList<string>> FaultsOfAsync(
        string valuesFile, string chart, string release = "agentstream")
    {
        try
        {
            return [.. ChartRules.Broken(await RenderAsync(valuesFile, release, chart))];
        }
        catch (Exception exception) when (exception is YamlException or KeyNotFoundException)
        {
            // A field that its type lacks, or a type that Kubernetes lacks.
            return [exception.Message];
        }
    }

    private static List<IKubernetesObject<V1ObjectMeta>> Read(string yaml) =>
        [.. KubernetesYaml.LoadAllFromString(yaml, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()];
}
