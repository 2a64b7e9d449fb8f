using System.Text.Json;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Notes;

namespace AgentStream.Tests.Worker.Tools;

public sealed class NoteToolTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agentstream-notes-").FullName;
    private readonly NoteStore _store;
    private readonly AgentTool _save;
    private readonly AgentTool _list;

    public NoteToolTests()
    {
        _store = new NoteStore(_directory, new FakeTimeProvider(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)));
        _save = NoteTools.CreateSaveNote(_store);
        _list = NoteTools.CreateListNotes(_store);
    }

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task SaveNote_EachExecution_AppendsOneLine()
    {
        Assert.Equal("Saved as note 1.", await _save.CallAsync("""{"text":"buy milk"}"""));
        Assert.Equal("Saved as note 2.", await _save.CallAsync("""{"text":"two\nlines","title":"Second"}"""));

        var lines = await File.ReadAllLinesAsync(_store.PathOf("session-1", "anonymous"));
        Assert.Equal(2, lines.Length);
        using var second = JsonDocument.Parse(lines[1]);
        Assert.Equal(2, second.RootElement.GetProperty("id").GetInt32());
        Assert.Equal("session-1", second.RootElement.GetProperty("session_id").GetString());
        Assert.Equal("call-1", second.RootElement.GetProperty("tool_call_id").GetString());
        Assert.Equal("two\nlines", second.RootElement.GetProperty("text").GetString());
        Assert.Equal("Second", second.RootElement.GetProperty("title").GetString());
    }

    [Fact]
    public async Task ListNotes_ShowsOnlyTheSessionsOwn()
    {
        Assert.Equal("There are no notes yet.", await _list.CallAsync("{}"));
        await _save.CallAsync("""{"text":"buy milk","title":"Shop"}""");
        await _save.CallAsync("""{"text":"elsewhere"}""", new ToolContext("session-2", "run-2", "call-2"));

        Assert.Equal("1. [2026-11-21 12:00Z] Shop: buy milk", await _list.CallAsync("{}"));
    }

    [Fact]
    public async Task ListNotes_SessionOfTheSameNameThatIsSomebodyElses_ShowsNoneOfTheFirst()
    {
        var (first, second) = (ToolCalls.Context with { Owner = "a@example.com" }, ToolCalls.Context with { Owner = "b/example" });
        await _save.CallAsync("""{"text":"secret"}""", first);

        Assert.Equal("There are no notes yet.", await _list.CallAsync("{}", second));
        Assert.Equal("There are no notes yet.", await _list.CallAsync("{}"));
        Assert.Contains("secret", await _list.CallAsync("{}", first), StringComparison.Ordinal);
        Assert.Equal(_directory, Path.GetDirectoryName(_store.PathOf("session-1", second.Owner)));
    }

    [Fact]
    public async Task SaveNote_AfterATornLine_StartsAFreshOne()
    {
        await _save.CallAsync("""{"text":"first"}""");
        await File.AppendAllTextAsync(_store.PathOf("session-1", "anonymous"), "{\"id\":2,\"ti");

        await _save.CallAsync("""{"text":"second"}""");

        var notes = await _store.ListAsync(ToolCalls.Context, CancellationToken.None);
        Assert.Equal(["first", "second"], notes.Select(note => note.Text));
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData("a/b")]
    public void Store_WithAnImpossibleSessionId_TouchesNoFile(string sessionId) =>
        Assert.Throws<ArgumentException>(() => _store.PathOf(sessionId, "anonymous"));

    [Fact]
    public async Task SaveNote_TooLongOrEmpty_SavesNothing()
    {
        await Assert.ThrowsAsync<ToolException>(() => _save.CallAsync($$"""{"text":"{{new string('a', 4001)}}"}"""));
        await Assert.ThrowsAsync<ToolException>(() => _save.CallAsync("""{"text":"  "}"""));

        Assert.False(File.Exists(_store.PathOf("session-1", "anonymous")));
    }

    [Fact]
    public void SaveNote_IsMarkedAsHavingASideEffect()
    {
        Assert.False(_save.IsIdempotent);
        Assert.False(_save.IsConcurrencySafe);
        Assert.True(_list.IsIdempotent);
    }
}
