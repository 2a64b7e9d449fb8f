using AgentStream.Tests.Support;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Documents;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Tools.Documents;

public sealed class DocumentIndexTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly CollectedLogs _logs = new();
    private readonly LoggerFactory _loggers;

    public DocumentIndexTests() => _loggers = new LoggerFactory([_logs]);

    public void Dispose()
    {
        _loggers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Search_Passage_ComesWithFileHeadingAndLines()
    {
        Write(
            "shop/terms.md",
            "# Terms\n\nGeneral words.\n\n## Refunds\n\nMoney comes back\nwithin 30 days.\n\n## Shipping\n\nParcels are slow.\n");
        Write("other.md", "# Other\n\nNothing about it.\n");

        var text = await Tool().CallAsync("""{"query":"refund days money"}""");

        Assert.StartsWith("1 passage, best first.\n\n[1] shop/terms.md#Refunds (lines 5-8)\n## Refunds\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_ChangedAddedAndRemovedFiles_AreSeenAtOnce()
    {
        using var index = Index();
        Write("a.md", "alpha");
        Write("b.md", "beta");
        Assert.Equal(["a.md"], await Files(index, "alpha"));

        Write("a.md", "gamma instead");
        File.Delete(_folder.File("b.md"));
        Write("c.txt", "alpha again");

        Assert.Equal(["c.txt"], await Files(index, "alpha"));
        Assert.Equal(["a.md"], await Files(index, "gamma"));
        Assert.Empty(await Files(index, "beta"));
    }

    [Theory]
    [InlineData("The cafe\u0301 opens at nine.", "CAF\u00C9")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF \u1106\u116E\u11AB\u1109\u1165", "\uD55C\uAE00")]
    [InlineData("\uFF21\uFF30\uFF29 \u306E\u8AAC\u660E", "api")]
    [InlineData("Of\uFB01ce hours and di\uFB03cult questions", "difficult")]
    [InlineData("GRO\u1E9EE STRASSE", "gro\u00DFe")]
    [InlineData("The o\u0302\u0323 of Vietnamese", "\u1ED9")]
    [InlineData("\uFF76\uFF9E\uFF72\uFF84\uFF9E", "\u30AC\u30A4\u30C9")]
    public async Task Search_WordHoweverItIsWritten_IsFound(string document, string query)
    {
        Write("found.md", document);
        Write("other.md", "Nothing of the kind.");
        using var index = Index();

        Assert.Equal(["found.md"], await Files(index, query));
    }

    [Fact]
    public async Task Search_RareWordAndShortPassage_RankHigher()
    {
        Write("long.md", "penguin " + string.Join(' ', Enumerable.Repeat("filler words around", 60)));
        Write("short.md", "The penguin swims.");
        Write("common.md", "Words around filler, filler around words.");

        using var index = Index();
        Assert.Equal(["short.md", "long.md"], await Files(index, "penguin"));
        Assert.Equal("common.md", (await Files(index, "common penguin"))[0]);
    }

    [Theory]
    [InlineData("STRASSE", "Die Strasse ist lang.")]
    [InlineData("ΑΘΗΝΑ", "αθηνα στο καλοκαίρι")]
    [InlineData("привет", "Привет, мир")]
    [InlineData("東京", "私は東京に住んでいます。")]
    [InlineData("ภาษา", "ฉันเรียนภาษาไทย")]
    [InlineData("हिन्दी", "यह हिन्दी है")]
    [InlineData("v2", "Since v2 it works")]
    public async Task Search_AnyScriptAndCase_IsFound(string query, string text)
    {
        Write("a.txt", text);
        Write("b.txt", "nothing of the kind");

        using var index = Index();
        Assert.Equal(["a.txt"], await Files(index, query));
    }

    [Fact]
    public async Task Search_HashInACodeBlock_IsNoHeading()
    {
        Write("a.md", "# Real\n\n```\n# comment\n```\nneedle\n");

        using var index = Index();
        var hit = Assert.Single(await index.SearchAsync("needle", 5, CancellationToken.None));
        Assert.Equal("Real", hit.Passage.Heading);
        Assert.Equal((1, 6), (hit.Passage.FirstLine, hit.Passage.LastLine));
    }

    [Fact]
    public async Task Search_LongSection_IsSplitAndKeepsItsHeading()
    {
        Write("a.md", "# Book\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"\nParagraph {i} {new string('x', 100)}\n")));

        using var index = Index();
        var hit = (await index.SearchAsync("Paragraph 77", 1, CancellationToken.None))[0];
        Assert.Equal("Book", hit.Passage.Heading);
        Assert.Contains("Paragraph 77 ", hit.Passage.Text, StringComparison.Ordinal);
        Assert.InRange(hit.Passage.Text.Length, 1, 2600);
        var lines = File.ReadAllLines(_folder.File("a.md"));
        Assert.Equal(hit.Passage.Text, string.Join('\n', lines[(hit.Passage.FirstLine - 1)..hit.Passage.LastLine]));
    }

    [Fact]
    public async Task Search_FilesBeyondTheLimits_AreLeftOutWithAWarning()
    {
        Write("a.md", "needle one");
        Write("b.md", "needle " + new string('x', 2000));
        Write("c.md", "needle three");
        Write("d.md", "needle four");

        using var index = Index(new DocumentsOptions { MaxFileBytes = 1000, MaxFiles = 2 });

        Assert.Equal(["a.md", "c.md"], (await Files(index, "needle")).Order(StringComparer.Ordinal));
        Assert.Contains(_logs.At(LogLevel.Warning), line => line.Contains("b.md", StringComparison.Ordinal));
        Assert.Contains(_logs.At(LogLevel.Warning), line => line.Contains("d.md", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Search_HiddenFilesOtherTypesAndLinks_AreNotRead()
    {
        using var elsewhere = new TemporaryDirectory();
        File.WriteAllText(elsewhere.File("secret.md"), "needle");
        Write(".git/a.md", "needle");
        Write(".hidden.md", "needle");
        Write("a.json", "needle");
        File.CreateSymbolicLink(_folder.File("link.md"), elsewhere.File("secret.md"));
        Directory.CreateSymbolicLink(_folder.File("folder"), elsewhere.Path);

        using var index = Index();
        Assert.Empty(await Files(index, "needle"));
    }

    [Fact]
    public async Task Tool_NothingFoundOrWrong_SaysSo()
    {
        Write("a.md", "alpha");

        Assert.Contains("No passage", await Tool().CallAsync("""{"query":"omega"}"""), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ToolException>(() => Tool().CallAsync("""{"query":" "}"""));
        await Assert.ThrowsAsync<ToolException>(() => Tool().CallAsync("""{"query":"a","max_results":21}"""));
    }

    private AgentTool Tool() => SearchDocumentsTool.Create(Index());

    private DocumentIndex Index(DocumentsOptions? options = null)
        => new(_folder.Path, options ?? new DocumentsOptions(), _loggers.CreateLogger<DocumentIndex>());

    private static async Task<IReadOnlyList<string>> Files(DocumentIndex index, string query)
        => [.. (await index.SearchAsync(query, 20, CancellationToken.None)).Select(hit => hit.Document.Path).Distinct()];

    private void Write(string path, string text)
    {
        var file = _folder.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
