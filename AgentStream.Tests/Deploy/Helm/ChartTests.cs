using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>
/// The chart of deploy/helm, rendered by helm itself, without a cluster: every object is read as Kubernetes' own type, and keeps our rules.
/// </summary>
public sealed class ChartTests
{
    public static TheoryData<string> ValuesFiles => RenderedChart.ValuesFiles;

    // File, what stands there, what it is changed to, with which values it shows.
    public static TheoryData<string, string, string, string> Faults => new()
    {
        // Fields that Kubernetes does not know.
        { "templates/pods/_deployment.tpl", "readOnlyRootFilesystem:", "readOnlyRootFileSystem:", "trial" },
        { "templates/pods/_deployment.tpl", "timeoutSeconds:", "timeout:", "trial" },
        { "templates/limits/disruption.yaml", "maxUnavailable:", "maxUnavailabel:", "trial" },
        { "templates/limits/autoscaling.yaml", "averageUtilization:", "averageUtilisation:", "scaled" },
        { "templates/limits/autoscaling.yaml", "autoscaling/v2", "autoscaling/v2beta9", "scaled" },
        { "templates/reach/ingress.yaml", "pathType: Prefix", "pathtype: Prefix", "team" },
        { "templates/reach/networkpolicy.yaml", "policyTypes:", "types:", "scaled" },
        { "templates/pods/notes.yaml", "accessModes: [{{ .accessMode }}]", "accessModes: {{ .accessMode }}", "team" },

        // Fields that it knows, with something that does not fit the others.
        { "templates/_names.tpl", "trunc 46", "trunc 60", "long" },
        { "templates/_names.tpl", "app.kubernetes.io/part-of: agentstream", "part-of: agentstream", "trial" },
        { "templates/_names.tpl", "app.kubernetes.io/component: {{ .name }}", "app.kubernetes.io/component: pods", "trial" },
        { "templates/reach/services.yaml", "targetPort: http", "targetPort: https", "trial" },
        { "templates/reach/ingress.yaml", "}}-web", "}}-page", "team" },
        { "templates/limits/autoscaling.yaml", "kind: Deployment", "kind: StatefulSet", "scaled" },
        { "templates/pods/_deployment.tpl", "(not (dig \"autoscaling\" \"enabled\" false $own))", "true", "scaled" },
        { "templates/pods/_deployment.tpl", "path: /health", "path: /alive", "trial" },
        { "templates/pods/_deployment.tpl", "path: /alive", "path: /health", "trial" },
        { "templates/pods/_deployment.tpl", "path: /alive\n              port: http", "path: /alive\n              port: web", "trial" },
        { "templates/pods/_deployment.tpl", "failureThreshold: 60", "failureThreshold: 6", "trial" },
        { "templates/pods/_deployment.tpl", "failureThreshold: 2", "failureThreshold: 9", "trial" },
        { "templates/pods/_deployment.tpl", "ternary 0 $values.drainSeconds $worker", "ternary 0 0 $worker", "trial" },
        { "templates/pods/_deployment.tpl", "maxUnavailable: 0", "maxUnavailable: 1", "trial" },
        { "templates/pods/_deployment.tpl", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "trial" },
        { "templates/pods/_deployment.tpl", "drop: [ALL]", "drop: []", "trial" },
        { "templates/pods/_deployment.tpl", "runAsNonRoot: true", "runAsNonRoot: false", "trial" },
        { "templates/pods/_deployment.tpl", "mountPath: /run/secrets/agentstream", "mountPath: /run/secrets/ours", "team" },
        { "templates/pods/_deployment.tpl", "path: {{ $variable }}", "path: value", "team" },
        { "templates/pods/_deployment.tpl", "mountPath: /tmp", "mountPath: /temp", "trial" },
        { "templates/pods/_deployment.tpl", "name: home\n              mountPath", "name: house\n              mountPath", "trial" },
        { "templates/pods/_environment.tpl", "AgentStream__Documents__Folder", "AgentStream__Document__Folder", "team" },
        { "templates/pods/_environment.tpl", "\"00:%02d:%02d\"", "\"00:00:%02[2]d\"", "scaled" },
        { "templates/pods/_environment.tpl", "\"ConnectionStrings__redis\" $redis", "\"Redis\" $redis", "trial" },
        { "templates/pods/_environment.tpl", "name: {{ $values.redis.password.name }}", "name: redis", "scaled" },
        { "templates/pods/deployments.yaml", "\"port\" 8010", "\"port\" 8011", "trial" },
        { "values.yaml", "requests: { cpu: 100m, memory: 192Mi }", "requests: { cpu: 4, memory: 192Mi }", "trial" },
        { "Chart.yaml", "appVersion: 0.1.0", "appVersion: 0.0.9", "trial" },
    };

    [HelmTheory]
    [MemberData(nameof(ValuesFiles))]
    public async Task Chart_WithValues_IsOfKubernetesTypesAndKeepsOurRules(string values)
    {
        var chart = await RenderedChart.RenderAsync(values);

        Assert.Empty(ChartRules.Broken(chart));
    }

    [HelmFact]
    public async Task Chart_OfAReleaseWithALongName_KeepsOurRules()
        => Assert.Empty(ChartRules.Broken(await RenderedChart.RenderAsync("scaled-values.yaml", release: new string('x', 53))));

    [HelmTheory]
    [MemberData(nameof(ValuesFiles))]
    public async Task Chart_Linted_HasNothingToWarnOf(string values)
    {
        var folder = Path.Combine(Repository.Root, RenderedChart.Folder);
        var answer = await HelmProgram.RunAsync("lint", "--strict", folder, "--values", Path.Combine(folder, "ci", values));

        Assert.True(answer.Code == 0, answer.Output + answer.Errors);
        Assert.DoesNotContain("[WARNING]", answer.Output, StringComparison.Ordinal);
    }

    [HelmTheory]
    [MemberData(nameof(Faults))]
    public async Task Rules_OfAChartWithAFault_FindIt(string file, string stands, string fault, string values)
    {
        using var folder = new TemporaryDirectory();
        var source = Path.Combine(Repository.Root, RenderedChart.Folder);
        foreach (var one in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = folder.File(Path.GetRelativePath(source, one));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(one, copy);
        }

        var text = await File.ReadAllTextAsync(folder.File(file));
        Assert.Contains(stands, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File(file), text.Replace(stands, fault, StringComparison.Ordinal));

        Assert.NotEmpty(values == "long"
            ? await RenderedChart.FaultsOfAsync("scaled-values.yaml", folder.Path, new string('x', 53))
            : await RenderedChart.FaultsOfAsync($"{values}-values.yaml", folder.Path));
    }
}
