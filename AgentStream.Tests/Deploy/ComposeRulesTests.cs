using System.Globalization;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Tests.Deploy;

/// <summary>What holds of every compose file and of every service in it.</summary>
public sealed class ComposeRulesTests
{
    // What services read besides AgentStream:*, and their libraries.
    private static readonly HashSet<string> OtherVariables =
    [
        "ConnectionStrings__redis", "OPENAI_API_KEY", "OPENAI_API_BASE", "MODEL_NAME", "ANTHROPIC_API_KEY", "GROQ_API_KEY",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME",
    ];

    public static TheoryData<string> Files => [.. ComposeFile.All];

    [Fact]
    public void Files_Each_HaveAProjectOfTheirOwn()
    {
        // Sentinel's file goes over the first one, and is of its project.
        var names = ComposeFile.All.Select(path => (string)new ComposeFile(path).Root["name"]).ToList();

        Assert.Equal(4, names.Count);
        Assert.Equal(3, names.Distinct().Count());
    }

    // "down" leaves alone what "up" started under a profile that it is not told.
    [Theory]
    [MemberData(nameof(Files))]
    public void Services_All_AreStartedByUpAndEndedByDown(string path)
        => AssertAll(path, (_, service) => Assert.DoesNotContain("profiles", service.Keys));

    [Theory]
    [MemberData(nameof(Files))]
    public void Services_All_MayUseSoMuchOfTheMachineAndNoMore(string path) => AssertAll(path, (_, service) =>
    {
        Assert.NotEqual(0, double.Parse(Default(service["cpus"]), CultureInfo.InvariantCulture));
        Assert.NotEqual(0, Bytes(Default(service["mem_limit"])));
        var logging = ComposeFile.Map(service["logging"]);
        Assert.Equal("json-file", logging["driver"]);
        Assert.Equal(["max-file", "max-size"], ComposeFile.Map(logging["options"]).Keys.Order(StringComparer.Ordinal));
    });

    [Theory]
    [InlineData("deploy/compose.yaml")]
    [InlineData("deploy/sentinel.yaml")]
    [InlineData("deploy/team/compose.yaml")]
    public void Redis_Limit_LeavesRoomForASnapshot(string path)
    {
        var compose = new ComposeFile(path);
        var command = compose.List("redis", "command");
        var kept = Bytes(Default(command[command.ToList().IndexOf("--maxmemory") + 1]));

        Assert.InRange(kept, 1, 2 * Bytes(Default(compose.Service("redis")["mem_limit"])) / 3);
        Assert.Equal("noeviction", command[command.ToList().IndexOf("--maxmemory-policy") + 1]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Services_All_AreSeenToBeReadyWithinTwoSeconds_AndGivenTimeToStart(string path) => AssertAll(path, (_, service) =>
    {
        var health = ComposeFile.Map(service["healthcheck"]);
        Assert.InRange(Seconds(health["start_interval"]), 1, 2);
        Assert.InRange(Seconds(health["start_period"]), 60, 120);
        Assert.InRange(Seconds(health["interval"]), 5, 10);
        Assert.InRange(Seconds(health["timeout"]), 5, 10);
    });

    [Theory]
    [MemberData(nameof(Files))]
    public void Services_All_CanWriteNowhereButWhereTheyMust_AndMayDoNothingToTheMachine(string path)
    {
        var compose = new ComposeFile(path);
        Assert.All(compose.ServiceNames, service =>
        {
            Assert.Equal("true", compose.Service(service)["read_only"]);
            Assert.Equal(["/tmp"], compose.List(service, "tmpfs"));
            Assert.Equal(["ALL"], compose.List(service, "cap_drop"));
            Assert.Equal(["no-new-privileges:true"], compose.List(service, "security_opt"));
            Assert.DoesNotContain("privileged", compose.Service(service).Keys);
            Assert.DoesNotContain("cap_add", compose.Service(service).Keys);

            // A folder of the machine's is there to be read; what is written goes to a volume.
            Assert.All(compose.List(service, "volumes"), volume => Assert.True(
                volume is "redis:/data" or "redis-2:/data" or "redis-3:/data"
                || volume.EndsWith(":/home/app", StringComparison.Ordinal)
                || volume.EndsWith(":ro", StringComparison.Ordinal)));
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Services_Dependencies_AreWaitedForUntilHealthy(string path)
    {
        var compose = new ComposeFile(path);
        AssertAll(path, (_, service) =>
        {
            if (service.TryGetValue("depends_on", out var dependencies))
            {
                Assert.All(ComposeFile.Map(dependencies), dependency =>
                {
                    Assert.Equal("service_healthy", ComposeFile.Map(dependency.Value)["condition"]);
                    Assert.Contains("healthcheck", compose.Service(dependency.Key).Keys);
                });
            }
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void OwnServices_Environment_IsReadBySomebody(string path)
    {
        var compose = new ComposeFile(path);
        Assert.All(
            compose.OwnServices.SelectMany(service => compose.EnvironmentOf(service).Keys),
            variable => Assert.True(OtherVariables.Contains(variable) || SettingsCatalog.Knows(variable), variable));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void OwnServices_All_ReadTheOperatorsFileWhereItIsThere(string path)
    {
        var compose = new ComposeFile(path);
        Assert.All(compose.OwnServices, service =>
        {
            var file = ComposeFile.Map(Assert.Single((List<object>)compose.Service(service)["env_file"]));
            Assert.Equal(("agentstream.env", "false"), ((string)file["path"], (string)file["required"]));
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void OwnServices_HealthChecks_AskForReadinessAtTheImagesPort(string path)
    {
        var compose = new ComposeFile(path);
        Assert.All(compose.OwnServices, service =>
        {
            Assert.Contains(compose.Target(service), compose.Stages.Keys);
            var test = ((List<object>)ComposeFile.Map(compose.Service(service)["healthcheck"])["test"]).Cast<string>().ToList();
            Assert.Equal("CMD", test[0]);
            Assert.Equal($"http://localhost:{compose.ImagePorts(service)[0]}/health", test[^1]);
            Assert.Contains(test[^1], compose.Stages[compose.Target(service)], StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void OwnServices_ContainerPorts_AreThoseOfTheProject(string path)
    {
        var compose = new ComposeFile(path);
        Assert.All(compose.OwnServices, service =>
        {
            var project = Directory.GetFiles(Repository.Root, "AgentStream.*.csproj", SearchOption.AllDirectories).Single(
                file => Path.GetFileName(file).Equals($"AgentStream.{compose.Target(service)}.csproj", StringComparison.OrdinalIgnoreCase));
            Assert.Contains(
                $"<ContainerHttpPorts>{string.Join(';', compose.ImagePorts(service))}</ContainerHttpPorts>", File.ReadAllText(project),
                StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void OwnServices_Stopping_LeavesMoreTimeThanTheHostTakes(string path)
    {
        var compose = new ComposeFile(path);
        Assert.All(compose.OwnServices, service =>
        {
            Assert.True(TimeSpan.FromSeconds(Seconds(compose.Service(service)["stop_grace_period"])) > new HostOptions().ShutdownTimeout);
            Assert.Equal("SIGTERM", compose.Service(service)["stop_signal"]);
        });
        AssertAll(path, (_, service) => Assert.Equal("unless-stopped", service["restart"]));
    }

    [Theory]
    [InlineData("deploy/compose.yaml")]
    [InlineData("deploy/standalone.yaml")]
    public void Ports_WhereNobodyIsAsked_AreTheImagesAndOnLoopback(string path)
    {
        var compose = new ComposeFile(path);
        var ports = compose.ServiceNames
            .SelectMany(service => compose.List(service, "ports").Select(port => (Service: service, Port: port)))
            .ToList();

        Assert.Equal(2, ports.Count);
        Assert.All(ports, one =>
        {
            Assert.StartsWith("127.0.0.1:", one.Port, StringComparison.Ordinal);
            Assert.Contains(one.Port.Split(':')[^1], compose.ImagePorts(one.Service));
        });
    }

    private static void AssertAll(string path, Action<string, Dictionary<string, object>> assert)
    {
        var compose = new ComposeFile(path);
        Assert.NotEmpty(compose.ServiceNames);
        Assert.All(compose.ServiceNames, name => assert(name, compose.Service(name)));
    }

    // Of ${NAME:-default} the default.
    private static string Default(object value)
    {
        var text = (string)value;
        return text.StartsWith("${", StringComparison.Ordinal) ? text.Split(":-")[1].TrimEnd('}') : text;
    }

    private static int Seconds(object value) => int.Parse(((string)value).TrimEnd('s'), CultureInfo.InvariantCulture);

    private static long Bytes(string size)
    {
        var number = long.Parse(size.TrimEnd('b', 'g', 'm'), CultureInfo.InvariantCulture);
        return number * size.TrimEnd('b')[^1] switch { 'g' => 1L << 30, 'm' => 1L << 20, _ => 1 };
    }
}
