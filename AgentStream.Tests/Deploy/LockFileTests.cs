using System.Text.Json;
using System.Xml.Linq;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Deploy;

/// <summary>What ships is pinned: a lock file for each project, in step with the versions, and with nobody's feed in it.</summary>
public sealed class LockFileTests
{
    private static readonly Dictionary<string, string> Versions = XDocument
        .Parse(Repository.Read("Directory.Packages.props"))
        .Descendants("PackageVersion")
        .ToDictionary(
            package => (string)package.Attribute("Include")!, package => (string)package.Attribute("Version")!,
            StringComparer.OrdinalIgnoreCase);

    public static TheoryData<string> Projects =>
    [
        "AgentStream.ServiceDefaults", "AgentStream.Messaging", "AgentStream.Access", "AgentStream.Api", "AgentStream.Worker",
        "AgentStream.Web", "AgentStream.Standalone", "deploy/HealthProbe",
    ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void LockFile_OfAProjectThatShips_SaysTheVersionsOfTheSolution_AndNoAddress(string project)
    {
        var text = Repository.Read($"{project}/packages.lock.json");
        using var json = JsonDocument.Parse(text);
        var packages = json.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .ToList();

        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.All(packages, package =>
        {
            Assert.Equal(88, package.Value.GetProperty("contentHash").GetString()!.Length);
            var locked = package.Value.GetProperty("resolved").GetString();
            if (Versions.TryGetValue(package.Name, out var version) && !version.StartsWith('$'))
            {
                Assert.True(
                    version == locked, $"{project} locks {package.Name} {locked}, not {version}: restore it, and commit its lock file.");
            }
        });
    }
}
