using System.Text.RegularExpressions;
using System.Xml.Linq;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy;

/// <summary>The compose file, the Dockerfile and the project files say the same, and what they set is what the services read.</summary>
public sealed partial class ComposeTests
{
    private readonly ComposeFile _compose = new();

    [Theory]
    [InlineData("deploy/compose.yaml", "worker")]
    [InlineData("deploy/standalone.yaml", "standalone")]
    public void Services_WithAgents_SeeTheOperatorsFolders(string path, string service)
    {
        var compose = new ComposeFile(path);

        // Relative to the content root, the images' /app.
        var agents = new AgentStream.Worker.Agents.Files.AgentFilesOptions().Directory;
        Assert.Contains(compose.List(service, "volumes"), volume => volume.EndsWith($":/app/{agents}:ro", StringComparison.Ordinal));
        Assert.Contains(compose.List(service, "volumes"), volume => volume.EndsWith(":/home/documents:ro", StringComparison.Ordinal));
    }

    [Fact]
    public void Redis_Command_KeepsWhatWasAcknowledged()
    {
        var command = string.Join(' ', _compose.List("redis", "command"));

        Assert.Contains("--appendonly yes", command, StringComparison.Ordinal);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
        Assert.Contains("redis:/data", _compose.List("redis", "volumes"));
    }

    [Theory]
    [InlineData("deploy")]
    [InlineData("deploy/team")]
    public void EnvironmentExample_Variables_AreThoseOfTheComposeFilesBesideIt(string folder)
    {
        var used = ComposeFile.All.Select(path => new ComposeFile(path))
            .Where(compose => Path.GetDirectoryName(compose.Path) == folder)
            .SelectMany(compose => Interpolation().Matches(compose.Text))
            .Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);
        var documented = Assignment()
            .Matches(Repository.Read($"{folder}/.env.example"))
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
            // Packages for other people's programs are in no image.
            .Where(file => !file.StartsWith("AgentStream.Client", StringComparison.Ordinal)
                && !file.StartsWith("AgentStream.Hosting", StringComparison.Ordinal)
                && !file.StartsWith("AgentStream.Worker.AgentFramework", StringComparison.Ordinal))
            .Where(
                file => !file.Contains("AppHost", StringComparison.Ordinal)
                    && !file.Contains("Tests", StringComparison.Ordinal)
                    && !file.Contains("Benchmarks", StringComparison.Ordinal)
                    && !file.Contains("Conformance", StringComparison.Ordinal));

        Assert.All(
            projects,
            project =>
            {
                var folder = Path.GetDirectoryName(project);
                Assert.Contains($"COPY {project} {folder}/", restore, StringComparison.Ordinal);
                Assert.Contains($"COPY {folder}/packages.lock.json {folder}/", restore, StringComparison.Ordinal);
            });

        // What is restored once more, for the image's platform, is what the lock files allowed before.
        Assert.Equal(2, restore.Split("--locked-mode").Length - 1);
        Assert.True(
            restore.LastIndexOf("--locked-mode", StringComparison.Ordinal) < restore.IndexOf("-a $TARGETARCH", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_All_AreTheUnprivilegedUsers()
    {
        // "chiseled" has no other user than app, and no shell to become one.
        var (docker, sdk) = (Repository.Read("deploy/Dockerfile"), Repository.Read("deploy/Container.props"));
        Assert.Contains("/aspnet:10.0-noble-chiseled-extra AS runtime", docker, StringComparison.Ordinal);
        Assert.Contains("<ContainerFamily>noble-chiseled-extra</ContainerFamily>", sdk, StringComparison.Ordinal);
        Assert.All(_compose.Stages.Values, stage => Assert.DoesNotContain("USER", stage, StringComparison.Ordinal));
        Assert.All(
            ComposeFile.All.Select(path => new ComposeFile(path)),
            compose => Assert.All(compose.ServiceNames, service => Assert.NotEqual(
                compose.OwnServices.Contains(service), compose.Service(service).ContainsKey("user"))));
    }

    [Fact]
    public void Images_MadeByTheSdk_HaveTheLabelsOfTheDockerfile_InPropertiesThatTheSdkKnows()
    {
        var props = XDocument.Parse(Repository.Read("deploy/Container.props"));
        var properties = props.Descendants("PropertyGroup").Elements()
            .Where(property => property.Name.LocalName.StartsWith("Container", StringComparison.Ordinal))
            .ToDictionary(property => property.Name.LocalName, property => property.Value, StringComparer.Ordinal);
        var known = File.ReadAllText(Assert.Single(
            Directory.GetFiles(SdkFolder(), "Microsoft.NET.Build.Containers.targets", SearchOption.AllDirectories)));

        Assert.All(properties.Keys, property => Assert.Contains($"$({property})", known, StringComparison.Ordinal));
        Assert.Contains(
            $"LABEL org.opencontainers.image.licenses={properties["ContainerLicenseExpression"]}\n", Repository.Read("deploy/Dockerfile"),
            StringComparison.Ordinal);
    }

    // Beside the runtime that the tests run on.
    private static string SdkFolder() => Directory
        .GetDirectories(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../sdk")), "10.*")
        .OrderBy(folder => Version.TryParse(Path.GetFileName(folder).Split('-')[0], out var version) ? version : new Version(0, 0))
        .Last();

    [GeneratedRegex(@"\$\{([A-Za-z_]+)")]
    private static partial Regex Interpolation();

    [GeneratedRegex("^([A-Za-z_]+)=", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
