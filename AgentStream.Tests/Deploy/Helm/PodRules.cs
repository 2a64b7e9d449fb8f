using System.Globalization;
using AgentStream.ServiceDefaults.Settings;
using k8s.Models;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>What has to hold of the pods of each Deployment.</summary>
internal static class PodRules
{
    // What services read besides AgentStream:*, with the one that only serves the connection string.
    private static readonly HashSet<string> OtherVariables =
    [
        "ASPNETCORE_HTTP_PORTS", "ConnectionStrings__redis", "OPENAI_API_KEY", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_PROMETHEUS_HOST", "OTEL_EXPORTER_PROMETHEUS_PORT",
        "REDIS_PASSWORD",
    ];

    private static readonly ComposeFile Compose = new();

    public static string Component(V1Deployment deployment)
        => deployment.Metadata.Labels?.TryGetValue("app.kubernetes.io/component", out var name) is true ? name : "";

    public static IEnumerable<string> Broken(V1Deployment deployment, RenderedChart chart)
    {
        var pod = deployment.Spec.Template.Spec;
        if (pod.Containers is not [var container])
        {
            return [$"{Component(deployment)} has not one container."];
        }

        return Probes(container).Concat(Stopping(deployment, container)).Concat(Environment(pod, container, chart))
            .Concat(Rights(pod, container)).Concat(Files(pod, container)).Concat(Image(deployment, container))
            .Select(fault => $"{Component(deployment)}: {fault}");
    }

    private static IEnumerable<string> Probes(V1Container container)
    {
        (string Name, V1Probe? Probe, string Path)[] probes =
        [
            ("startup", container.StartupProbe, "/alive"), ("readiness", container.ReadinessProbe, "/health"),
            ("liveness", container.LivenessProbe, "/alive"),
        ];
        foreach (var (name, probe, path) in probes)
        {
            if (probe?.HttpGet.Path != path || container.Ports.All(port => port.Name != probe.HttpGet.Port.Value))
            {
                yield return $"The {name} probe does not ask for {path} at a port that is there.";
            }
            else if (probe.TimeoutSeconds is not >= 10 || probe.PeriodSeconds is null || probe.FailureThreshold is null)
            {
                yield return $"The {name} probe leaves no 10 s for an answer, or does not say how often it asks.";
            }
        }

        // A minute of silence, and no less: the start's wait for Redis in the one case, a pause in the other.
        if (Patience(container.StartupProbe) <= new AgentStream.Messaging.Redis.RedisOptions().StartTimeout.TotalSeconds)
        {
            yield return "The startup probe ends a service that waits for Redis.";
        }

        if (Patience(container.LivenessProbe) < 60)
        {
            yield return "The liveness probe restarts a service within a minute.";
        }
    }

    private static IEnumerable<string> Stopping(V1Deployment deployment, V1Container container)
    {
        var drain = container.Env.SingleOrDefault(variable => variable.Name == "AgentStream__Shutdown__DrainTime")?.Value;
        var seconds = drain is null ? 0 : TimeSpan.Parse(drain, CultureInfo.InvariantCulture).TotalSeconds;
        var needed = seconds + new HostOptions().ShutdownTimeout.TotalSeconds;
        if (deployment.Spec.Template.Spec.TerminationGracePeriodSeconds is not { } grace || grace <= needed || grace > needed + 15)
        {
            yield return "Pods are killed before they have drained and stopped, or long after that.";
        }

        if (drain is not null && seconds < Patience(container.ReadinessProbe) + 1)
        {
            yield return "The drain time is shorter than the cluster takes to look away.";
        }

        if (drain is null != (Component(deployment) == "worker"))
        {
            yield return "Services that listen drain; workers have nobody that looks away.";
        }

        var update = deployment.Spec.Strategy?.RollingUpdate;
        if (update?.MaxUnavailable?.Value != "0" || update.MaxSurge?.Value != "1")
        {
            yield return "An update does not begin with a new pod.";
        }
    }

    private static IEnumerable<string> Environment(V1PodSpec pod, V1Container container, RenderedChart chart)
    {
        foreach (var variable in container.Env)
        {
            var name = variable.Name.EndsWith("_FILE", StringComparison.Ordinal) ? variable.Name[..^5] : variable.Name;
            if (!OtherVariables.Contains(name)
                && !(name.StartsWith("AgentStream__", StringComparison.Ordinal)
                    && SettingNames.Has(name.Replace("__", ":", StringComparison.Ordinal))))
            {
                yield return $"Nobody reads {variable.Name}.";
            }

            if (name != variable.Name && !FilesOf(pod, container).Contains(variable.Value ?? ""))
            {
                yield return $"{variable.Name} names {variable.Value}, which is not mounted.";
            }

            if (variable.Value?.Contains("$(", StringComparison.Ordinal) is true && container.Env[0].ValueFrom is null)
            {
                yield return $"{variable.Name} uses a variable that comes after it.";
            }
        }

        foreach (var twice in container.Env.GroupBy(variable => variable.Name).Where(group => group.Count() > 1))
        {
            yield return $"{twice.Key} is set twice.";
        }

        var secrets = container.Env.Select(variable => variable.ValueFrom?.SecretKeyRef?.Name)
            .Concat(Projections(pod).Select(secret => secret.Name))
            .OfType<string>();
        foreach (var secret in secrets.Where(secret => !chart.Values.Contains($"name: {secret}", StringComparison.Ordinal)))
        {
            yield return $"No value names the Secret {secret}.";
        }

        if (container.Env.All(variable => variable.Name is not ("ConnectionStrings__redis" or "ConnectionStrings__redis_FILE")))
        {
            yield return "It is not told where Redis is.";
        }
    }

    private static IEnumerable<string> Rights(V1PodSpec pod, V1Container container)
    {
        if (pod.SecurityContext is not { RunAsNonRoot: true, RunAsUser: 1654, FsGroup: 1654, SeccompProfile.Type: "RuntimeDefault" })
        {
            yield return "The pod may be another user than the image's.";
        }

        if (container.SecurityContext is not { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Capabilities.Drop: ["ALL"] })
        {
            yield return "The container may do more than it has to.";
        }

        if (pod.AutomountServiceAccountToken is not false || pod.EnableServiceLinks is not false
            || string.IsNullOrEmpty(pod.ServiceAccountName))
        {
            yield return "The pod is given the cluster's token, or its variables.";
        }

        foreach (var amount in new[] { "cpu", "memory" })
        {
            if (container.Resources?.Requests?.TryGetValue(amount, out var request) is not true
                || container.Resources.Limits?.TryGetValue(amount, out var limit) is not true
                || request.ToDecimal() > limit!.ToDecimal())
            {
                yield return $"It does not say how much {amount} it needs and may have.";
            }
        }
    }

    private static IEnumerable<string> Files(V1PodSpec pod, V1Container container)
    {
        if (container.VolumeMounts.All(mount => mount.MountPath != "/tmp"))
        {
            yield return "There is no /tmp to write to.";
        }

        foreach (var mount in container.VolumeMounts)
        {
            var volume = pod.Volumes.SingleOrDefault(one => one.Name == mount.Name);
            if (volume is null)
            {
                yield return $"{mount.MountPath} has no volume.";
            }
            else if (mount.ReadOnlyProperty is not true && mount.MountPath is not ("/tmp" or "/home/app"))
            {
                yield return $"{mount.MountPath} may be written to.";
            }
        }

        foreach (var volume in pod.Volumes.Where(volume => container.VolumeMounts.All(mount => mount.Name != volume.Name)))
        {
            yield return $"The volume {volume.Name} is mounted nowhere.";
        }
    }

    private static IEnumerable<string> Image(V1Deployment deployment, V1Container container)
    {
        var component = Component(deployment);
        var version = Support.Repository.Read("Directory.Build.props").Split("<Version>")[1].Split('<')[0];
        if (!$"/{container.Image}".EndsWith($"/agentstream/{component}:{version}", StringComparison.Ordinal))
        {
            yield return $"{container.Image} is not the image of this version.";
        }

        var port = container.Ports.SingleOrDefault(one => one.Name == "http")?.ContainerPort.ToString(CultureInfo.InvariantCulture);
        if (port != Compose.ImagePorts(component).Single()
            || port != container.Env.Single(variable => variable.Name == "ASPNETCORE_HTTP_PORTS").Value)
        {
            yield return "The port is not the image's.";
        }
    }

    private static int Patience(V1Probe? probe) => (probe?.PeriodSeconds * probe?.FailureThreshold) ?? 0;

    private static IEnumerable<V1SecretProjection> Projections(V1PodSpec pod) =>
        pod.Volumes.SelectMany(volume => volume.Projected?.Sources ?? []).Select(source => source.Secret);

    private static HashSet<string> FilesOf(V1PodSpec pod, V1Container container) =>
    [
        .. from mount in container.VolumeMounts
           from source in pod.Volumes.SingleOrDefault(volume => volume.Name == mount.Name)?.Projected?.Sources ?? []
           from item in source.Secret.Items
           select $"{mount.MountPath}/{item.Path}",
    ];
}
