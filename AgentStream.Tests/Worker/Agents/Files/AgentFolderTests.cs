using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Models;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Agents.Files;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Calculator;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Agents.Files;

public sealed class AgentFolderTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly CollectedLogs _logs = new();
    private readonly ModelCatalog _models =
        TestCatalog.Of([new ModelProvider("demo", "demo", "demo", takesOtherModels: false, _ => new PlannedChatClient())], "demo");

    public void Dispose()
    {
        _models.Dispose();
        _logs.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void Registry_FileWithTheNameOfAConfiguredAgent_StandsInItsPlaceUntilItGoes()
    {
        var registry = Open("agents");
        Assert.Equal("Configured.", DescriptionOf(registry, "assistant"));

        Write("agents/Assistant.md", "From a file.");
        Assert.True(registry.Reload());
        Assert.Equal("From a file.", DescriptionOf(registry, "assistant"));
        Assert.Single(registry.Current.All);

        File.Delete(_root.File("agents/Assistant.md"));
        Assert.True(registry.Reload());
        Assert.Equal("Configured.", DescriptionOf(registry, "assistant"));
    }

    [Fact]
    public void Registry_BrokenFile_KeepsItsLastGoodVersionAndHarmsNoOther()
    {
        Write("agents/poet.md", "Rhymes.");
        var folder = Folder("agents");
        var registry = Open(folder);

        File.WriteAllText(_root.File("agents/poet.md"), "---\ndescription: Sings.\ntools: [ calculator, flute ]\n---\nSing.");
        File.WriteAllText(_root.File("agents/broken.md"), "---\ndescription: Never was.\nlimits:\n  wall_time: soon\n---\nBe.");
        Write("agents/singer.md", "Sings.");
        Assert.True(registry.Reload());

        Assert.Equal(["assistant", "poet", "singer"], registry.Current.Names);
        Assert.Equal("Rhymes.", DescriptionOf(registry, "poet"));
        Assert.Equal([("broken.md", 4), ("poet.md", 3)], folder.Problems.Select(problem => (Path.GetFileName(problem.Path), problem.Line)));
        Assert.Contains("unknown tool 'flute'", folder.Problems[1].Message, StringComparison.Ordinal);
        Assert.Equal(2, _logs.At(LogLevel.Error).Count());
        Assert.Contains(
            _logs.At(LogLevel.Error),
            line => line.Contains("poet.md, line 3: tools names the unknown tool 'flute'", StringComparison.Ordinal));

        // Said once, not at every look.
        Assert.False(registry.Reload());
        Assert.Equal(2, _logs.At(LogLevel.Error).Count());

        Write("agents/poet.md", "Rhymes better.");
        File.Delete(_root.File("agents/broken.md"));
        Assert.True(registry.Reload());
        Assert.Equal("Rhymes better.", DescriptionOf(registry, "poet"));
        Assert.Empty(folder.Problems);
    }

    [Fact]
    public void Registry_TwoFilesOfOneName_TakesTheFirstAndReportsTheOther()
    {
        Write("agents/a.md", "First.", "name: poet");
        Write("agents/b.md", "Second.", "name: Poet");
        var folder = Folder("agents");
        var registry = Open(folder);

        Assert.Equal("First.", DescriptionOf(registry, "poet"));
        Assert.Contains("'Poet' is taken", Assert.Single(folder.Problems).Message, StringComparison.Ordinal);

        File.Delete(_root.File("agents/a.md"));
        Assert.True(registry.Reload());
        Assert.Equal("Second.", DescriptionOf(registry, "poet"));
        Assert.Empty(folder.Problems);
    }

    [Fact]
    public void Registry_MissingDirectory_IsEmptyUntilItAppears()
    {
        var registry = Open("later");
        Assert.False(registry.Reload());

        Write("later/poet.md", "Rhymes.");
        Assert.True(registry.Reload());
        Assert.Contains("poet", registry.Current.Names);

        Directory.Delete(_root.File("later"), recursive: true);
        Assert.True(registry.Reload());
        Assert.DoesNotContain("poet", registry.Current.Names);
    }

    [Fact]
    public void Registry_FilesThatAreNoAgents_AreLeftAlone()
    {
        Directory.CreateDirectory(_root.File("agents"));
        foreach (var name in new[] { "README.md", ".poet.md", "poet.md~", "poet.txt", "poet.md.swp" })
        {
            File.WriteAllText(_root.File($"agents/{name}"), "no agent");
        }

        var folder = Folder("agents");
        var registry = Open(folder);

        Assert.Equal(["assistant"], registry.Current.Names);
        Assert.Empty(folder.Problems);
    }

    [Fact]
    public void Registry_SetTakenBeforeAChange_StaysAsItWas()
    {
        Write("agents/poet.md", "Rhymes.");
        var registry = Open("agents");
        var before = registry.Current;

        File.Delete(_root.File("agents/poet.md"));
        Assert.True(registry.Reload());

        Assert.True(before.TryGet("poet", out _));
        Assert.False(registry.Current.TryGet("poet", out _));
    }

    private static string? DescriptionOf(AgentRegistry registry, string name)
        => registry.Current.TryGet(name, out var agent) ? agent.Description : null;

    private void Write(string path, string description, string more = "tools: calculator")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root.File(path))!);
        File.WriteAllText(_root.File(path), $"---\ndescription: {description}\n{more}\n---\nBe good.");
    }

    private AgentRegistry Open(string directory) => Open(Folder(directory));

    private AgentRegistry Open(AgentFolder folder)
    {
        var agents = new AgentsOptions();
        agents.Agents["assistant"] = new AgentOptions { Description = "Configured." };
        return new AgentRegistry(
            Microsoft.Extensions.Options.Options.Create(agents), new ToolRegistry([CalculatorTool.Create()]), _models, folder);
    }

    private AgentFolder Folder(string directory) => AgentFolders.Open(_root.Path, directory, _logs);
}
