using AgentStream.Tests.Api.Wires;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Docs;

/// <summary>The programs of docs/wires.md and docs/wires-agents.md, run as they stand there.</summary>
public sealed class WiresPageTests
{
    [NodeTheory]
    [InlineData("AG-UI")]
    [InlineData("The Vercel AI SDK")]
    public async Task Program_Pasted_GetsItsAnswer(string heading)
    {
        await using var service = new StandaloneService();
        await service.StartAsync();

        var said = await WireNode.RunTextAsync(
            Block(heading).Replace("http://localhost:8000", service.Api.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));

        Assert.Contains("409.5", said, StringComparison.Ordinal);
    }

    [NodeTheory]
    [InlineData("MCP", "A2A")]
    public async Task Programs_OfAgents_Pasted_GetTheirAnswers(params string[] headings)
    {
        await using var service = new StandaloneService();
        await service.StartAsync();

        var programs = headings.Select(heading => Block(heading, "docs/wires-agents.md"));
        var said = await Task.WhenAll(programs.Select(program => WireNode.RunTextAsync(
            program.Replace("http://localhost:8000", service.Api.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal))));

        Assert.All(said, text => Assert.Contains("409.5", text, StringComparison.Ordinal));
    }

    private static string Block(string heading, string path = "docs/wires.md")
    {
        var page = Repository.Read(path);
        var section = page[page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
        var start = section.IndexOf("```js\n", StringComparison.Ordinal) + "```js\n".Length;
        return section[start..section.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
