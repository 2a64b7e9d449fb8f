using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Web;

namespace AgentStream.Tests.Api.Wires.OpenAI.Stock;

/// <summary>The programs of docs/wires-openai.md, run as they stand there.</summary>
public sealed class DocumentedProgramTests
{
    [NodeTheory]
    [InlineData("Chat completions")]
    [InlineData("Responses")]
    public async Task Program_Pasted_GetsItsAnswer(string heading)
    {
        await using var service = new StandaloneService();
        await service.StartAsync();

        var said = await StockClient.RunTextAsync(
            Block(heading).Replace("http://localhost:8000/", service.Api.ToString(), StringComparison.Ordinal));

        Assert.Contains("409.5", said, StringComparison.Ordinal);
    }

    private static string Block(string heading)
    {
        const string Fence = "```js\n";
        var page = Repository.Read("docs/wires-openai.md");
        var section = page[page.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
        var start = section.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        return section[start..section.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
