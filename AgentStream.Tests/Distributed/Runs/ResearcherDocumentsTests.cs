using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>The researcher and a folder of documents, from outside.</summary>
[SystemTest]
public sealed class ResearcherDocumentsTests : IDisposable
{
    private readonly TemporaryDirectory _documents = new();

    public ResearcherDocumentsTests()
    {
        File.WriteAllText(
            _documents.File("terms.md"),
            "# Terms\n\n## Refunds\n\nMoney comes back within 30 days of a cancelled order.\n\n## Shipping\n\nParcels take a week.\n");
        File.WriteAllText(_documents.File("about.md"), "# About us\n\nWe sell kettles.\n");
    }

    public void Dispose() => _documents.Dispose();

    [Fact]
    public async Task Researcher_QuestionThatTheDocumentsAnswer_NamesItsSource()
    {
        await using var service = new StandaloneService(("AgentStream__Documents__Folder", _documents.Path));
        await service.StartAsync();
        await using var socket = service.Socket("documents");
        await socket.ConnectAsync();

        await socket.ChatAsync("What do the documents say about refunds?", "\"agent_name\":\"researcher\"");
        await socket.ReadUntilAsync("run_finished");

        var steps = socket.KeptSteps;
        Assert.Equal(
            "search_documents",
            steps.First(step => step.GetProperty("type").GetString() == "tool_use").GetProperty("tool_name").GetString());
        var answer = steps[^1].GetProperty("content").GetString();
        Assert.Contains("within 30 days", answer, StringComparison.Ordinal);
        Assert.Contains("terms.md#Refunds (lines 3-5)", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Researcher_WithoutAFolder_SaysThatItHasNoSuchTool()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        await using var socket = service.Socket("documents");
        await socket.ConnectAsync();

        await socket.ChatAsync("What do the documents say about refunds?", "\"agent_name\":\"researcher\"");
        await socket.ReadUntilAsync("run_finished");

        Assert.Contains("no tool 'search_documents'", socket.KeptSteps[^1].GetProperty("content").GetString(), StringComparison.Ordinal);
    }
}
