using System.Text.Json;
using AgentStream.Tests.Api.Wires;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Docs;

/// <summary>The programs of samples/wires, which are those that the pages of the wires show.</summary>
public sealed class WiresPageTests
{
    private const string Folder = "samples/wires";
    private static readonly string[] Pages = ["docs/wires.md", "docs/wires-openai.md", "docs/wires-agents.md"];

    public static TheoryData<string> Programs => [.. Names];

    private static IEnumerable<string> Names
        => Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "*.mjs").Select(file => Path.GetFileName(file)!).Order();

    [Theory]
    [MemberData(nameof(Programs))]
    public void Program_OfAWire_StandsOnItsPageAndInTheList(string name)
    {
        var block = $"```js\n{Repository.Read($"{Folder}/{name}")}```\n";
        Assert.Contains(Pages, page => Repository.Read(page).Contains(block, StringComparison.Ordinal));
        Assert.Contains($"]({name})", Repository.Read($"{Folder}/README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_OfThePrograms_AreThoseThatAreTested()
    {
        var tested = PackagesOf("AgentStream.Tests/Api/Wires/Node");
        Assert.All(PackagesOf(Folder), package => Assert.Contains(package, tested));
    }

    // One process for all of them: that of each would cost more than what it does.
    [NodeTheory]
    [InlineData("409.5")]
    public async Task Programs_Pasted_GetTheirAnswers(string answer)
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        var address = service.Api.GetLeftPart(UriPartial.Authority);

        var said = await WireNode.RunEachAsync(Names.Select(name => (
            name, Repository.Read($"{Folder}/{name}").Replace("http://localhost:8000", address, StringComparison.Ordinal))));

        Assert.All(said, program => Assert.Contains(answer, program, StringComparison.Ordinal));
    }

    private static List<string> PackagesOf(string folder)
        => [.. JsonElement.Parse(Repository.Read($"{folder}/package.json")).GetProperty("dependencies").EnumerateObject()
            .Select(package => $"{package.Name} {package.Value}")];
}
