using k8s;
using k8s.Models;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>What has to hold of everything that the chart renders, whatever the values. Each rule says what breaks it.</summary>
internal static class ChartRules
{
    private static readonly string[] Labels =
    [
        "app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component", "app.kubernetes.io/part-of",
        "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart",
    ];

    public static IEnumerable<string> Broken(RenderedChart chart) =>
        Names(chart).Concat(References(chart)).Concat(chart.Deployments.SelectMany(deployment => PodRules.Broken(deployment, chart)));

    private static IEnumerable<string> Names(RenderedChart chart)
    {
        foreach (var one in chart.All)
        {
            if (one.Metadata.Name is not { Length: > 0 and <= 63 } || !one.Metadata.Name.All(IsOfAName))
            {
                yield return $"{Say(one)} is no name of 63 lower-case letters, digits and dashes at most.";
            }

            var labels = one.Metadata.Labels ?? new Dictionary<string, string>();
            foreach (var label in Labels.Where(label => !(labels.TryGetValue(label, out var value) && value is { Length: > 0 and <= 63 })))
            {
                yield return $"{Say(one)} has no label {label}, or a long one.";
            }
        }

        foreach (var twice in chart.All.GroupBy(Say).Where(group => group.Count() > 1))
        {
            yield return $"{twice.Key} comes twice.";
        }

        foreach (var component in new[] { "api", "worker", "web" }
            .Where(name => chart.Deployments.All(deployment => PodRules.Component(deployment) != name)))
        {
            yield return $"There is no Deployment of {component}.";
        }
    }

    // Whatever names or selects another object finds it.
    private static IEnumerable<string> References(RenderedChart chart)
    {
        foreach (var service in chart.All.OfType<V1Service>())
        {
            if (Selected(chart, service.Spec.Selector) is not [var deployment])
            {
                yield return $"{Say(service)} does not select the pods of one Deployment.";
                continue;
            }

            var ports = deployment.Spec.Template.Spec.Containers.Single().Ports;
            foreach (var port in service.Spec.Ports.Where(port => ports.All(one => one.Name != port.TargetPort.Value)))
            {
                yield return $"{Say(service)} leads to the port {port.TargetPort.Value}, which the pods do not have.";
            }
        }

        var selections = chart.All.OfType<V1PodDisruptionBudget>().Select(one => (Say(one), one.Spec.Selector.MatchLabels))
            .Concat(chart.All.OfType<V1NetworkPolicy>().Select(one => (Say(one), one.Spec.PodSelector.MatchLabels)))
            .Concat(chart.Deployments.Select(one => (Say(one), one.Spec.Selector.MatchLabels)));
        foreach (var (name, selector) in selections.Where(selection => Selected(chart, selection.MatchLabels).Count != 1))
        {
            yield return $"{name} does not select the pods of one Deployment.";
        }

        foreach (var scaler in chart.All.OfType<V2HorizontalPodAutoscaler>())
        {
            var target = chart.Deployments.SingleOrDefault(one => one.Metadata.Name == scaler.Spec.ScaleTargetRef.Name);
            if (target is null || scaler.Spec.ScaleTargetRef.Kind != target.Kind || target.Spec.Replicas is not null)
            {
                yield return $"{Say(scaler)} scales a Deployment that is not there, or says itself how many it wants.";
            }

            if (scaler.Spec.Metrics is not [{ Resource: { Name: "cpu", Target: { AverageUtilization: > 0, Type: "Utilization" } } }])
            {
                yield return $"{Say(scaler)} does not say by what it scales.";
            }
        }

        foreach (var backend in chart.All.OfType<V1Ingress>().SelectMany(one => one.Spec.Rules).SelectMany(rule => rule.Http.Paths))
        {
            var service = chart.All.OfType<V1Service>().SingleOrDefault(one => one.Metadata.Name == backend.Backend.Service.Name);
            var wanted = backend.Path == "/" ? "web" : "api";
            if (service?.Spec.Selector["app.kubernetes.io/component"] != wanted
                || service.Spec.Ports.All(port => port.Name != backend.Backend.Service.Port.Name))
            {
                yield return $"{backend.Path} does not lead to a port of {wanted}.";
            }
        }

        var ports2 = chart.All.OfType<V1NetworkPolicy>().SelectMany(one => one.Spec.Ingress ?? []).SelectMany(rule => rule.Ports);
        foreach (var port in ports2.Where(port => port.Port.Value is not ("http" or "metrics")))
        {
            yield return $"A NetworkPolicy opens the port {port.Port.Value}.";
        }
    }

    public static string Say(IKubernetesObject<V1ObjectMeta> one) => $"{one.Kind} {one.Metadata.Name}";

    private static List<V1Deployment> Selected(RenderedChart chart, IDictionary<string, string> selector) =>
        [.. chart.Deployments.Where(
            deployment => selector.All(pair => deployment.Spec.Template.Metadata.Labels.TryGetValue(pair.Key, out var value)
                && value == pair.Value))];

    private static bool IsOfAName(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-';
}
