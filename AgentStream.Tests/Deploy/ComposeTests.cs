using System.Globalization;
using System.Text.RegularExpressions;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy;

/// <summary>The compose file, the Dockerfile and the project files say the same, and what they set is what the services read.</summary>
public sealed partial class ComposeTests
{
    // What services read besides AgentStream:*, and their libraries.
    private static readonly HashSet<string> OtherVariables =
        [
            "ConnectionStrings__redis", "OPENAI_API_KEY", "OPENAI_API_BASE", "MODEL_NAME", "ANTHROPIC_API_KEY", "GROQ_API_KEY",
            "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME",
        ];

    private readonly ComposeFile _compose = new();

    [Fact]
    public void Services_Environment_IsReadBySomebody()
    {
        var unknown = _compose.OwnServices
            .SelectMany(service => _compose.EnvironmentOf(service).Keys)
            .Where(variable => !OtherVariables.Contains(variable) && !SettingsCatalog.Knows(variable));

        Assert.Empty(unknown);
    }

    [Fact]
    public void Services_All_ReadTheOperatorsFileWhereItIsThere() => Assert.All(_compose.OwnServices, service =>
    {
        var file = ComposeFile.Map(Assert.Single((List<object>)_compose.Service(service)["env_file"]));
        Assert.Equal(("agentstream.env", "false"), ((string)file["path"], (string)file["required"]));
    });

    [Theory]
    [InlineData("worker")]
    [InlineData("standalone")]
    public void Services_WithAgents_SeeTheOperatorsFolders(string service)
    {
        // Relative to the content root, the images' /app.
        var agents = new AgentStream.Worker.Agents.Files.AgentFilesOptions().Directory;
        Assert.Contains(_compose.List(service, "volumes"), volume => volume.EndsWith($":/app/{agents}:ro", StringComparison.Ordinal));
        Assert.Contains(_compose.List(service, "volumes"), volume => volume.EndsWith(":/home/documents:ro", StringComparison.Ordinal));
    }

    [Fact]
    public void Services_Targets_AreStagesOfTheDockerfile()
        => Assert.All(_compose.OwnServices, service => Assert.Contains(_compose.Target(service), _compose.Stages.Keys));

    [Fact]
    public void Services_PublishedPorts_AreTheImagesAndOnLoopback()
    {
        var ports = _compose.ServiceNames.SelectMany(
            service => _compose.List(service, "ports").Select(port => (Service: service, Port: port))).ToList();

        Assert.NotEmpty(ports);
        Assert.All(ports, one =>
        {
            Assert.StartsWith("127.0.0.1:", one.Port, StringComparison.Ordinal);
            Assert.Contains(one.Port.Split(':')[^1], _compose.ImagePorts(one.Service));
        });
        Assert.DoesNotContain("redis", ports.Select(one => one.Service));
    }

    [Fact]
    public void Services_ContainerPorts_AreThoseOfTheProject() => Assert.All(_compose.OwnServices, service =>
    {
        var project = Directory.GetFiles(Repository.Root, "AgentStream.*.csproj", SearchOption.AllDirectories)
            .Single(file => Path.GetFileName(file).Equals($"AgentStream.{service}.csproj", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(
            $"<ContainerHttpPorts>{string.Join(';', _compose.ImagePorts(service))}</ContainerHttpPorts>", File.ReadAllText(project),
            StringComparison.Ordinal);
    });

    [Fact]
    public void Services_HealthChecks_AskForReadinessAtTheImagesPort() => Assert.All(_compose.OwnServices, service =>
    {
        var test = ((List<object>)ComposeFile.Map(_compose.Service(service)["healthcheck"])["test"]).Cast<string>().ToList();
        Assert.Equal("CMD", test[0]);
        Assert.Equal($"http://localhost:{_compose.ImagePorts(service)[0]}/health", test[^1]);
        Assert.Contains(test[^1], _compose.Stages[_compose.Target(service)], StringComparison.Ordinal);
    });

    [Fact]
    public void Services_Stopping_LeavesMoreTimeThanTheHostTakes() => Assert.All(_compose.OwnServices, service =>
    {
        var grace = ((string)_compose.Service(service)["stop_grace_period"]).TrimEnd('s');
        Assert.True(TimeSpan.FromSeconds(
            int.Parse(grace, CultureInfo.InvariantCulture)) > new Microsoft.Extensions.Hosting.HostOptions().ShutdownTimeout);
        Assert.Equal("unless-stopped", _compose.Service(service)["restart"]);
    });

    [Fact]
    public void Services_Dependencies_AreWaitedForUntilHealthy() => Assert.All(_compose.ServiceNames, service =>
    {
        if (_compose.Service(service).TryGetValue("depends_on", out var dependencies))
        {
            Assert.All(ComposeFile.Map(dependencies), dependency =>
            {
                Assert.Equal("service_healthy", ComposeFile.Map(dependency.Value)["condition"]);
                Assert.Contains("healthcheck", _compose.Service(dependency.Key).Keys);
            });
        }
    });

    [Fact]
    public void Redis_Command_KeepsWhatWasAcknowledged()
    {
        var command = string.Join(' ', _compose.List("redis", "command"));

        Assert.Contains("--appendonly yes", command, StringComparison.Ordinal);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
        Assert.Contains("redis:/data", _compose.List("redis", "volumes"));
    }

    [Fact]
    public void EnvironmentExample_Variables_AreThoseOfTheComposeFile()
    {
        var used = Interpolation().Matches(_compose.Text).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        var documented = Assignment()
            .Matches(Repository.Read("deploy/.env.example"))
            .Select(match => match.Groups[1].Value)
            .Order(StringComparer.Ordinal);

        Assert.Equal(used, documented);
    }

    [Fact]
    public void Dockerfile_RestoreStage_HasEveryProjectThatIsPublished()
    {
        var restore = _compose.Stages["restore"];
        var projects = Directory.GetFiles(Repository.Root, "AgentStream.*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("samples/", StringComparison.Ordinal))
            .Where(
                file => !file.Contains("AppHost", StringComparison.Ordinal)
                    && !file.Contains("Tests", StringComparison.Ordinal)
                    && !file.Contains("Benchmarks", StringComparison.Ordinal));

        Assert.All(
            projects, project => Assert.Contains($"COPY {project} {Path.GetDirectoryName(project)}/", restore, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\$\{([A-Za-z_]+)")]
    private static partial Regex Interpolation();

    [GeneratedRegex("^([A-Za-z_]+)=", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
