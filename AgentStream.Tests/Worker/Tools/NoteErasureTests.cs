using AgentStream.Messaging;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Hosting;
using AgentStream.Worker.Tools;

namespace AgentStream.Tests.Worker.Tools;

/// <summary>Notes are files beside the store, on a machine that may be off: they go with their session all the same.</summary>
public sealed class NoteErasureTests : IDisposable
{
    private const string Owner = "anna@example.com";

    private readonly CancellationTokenSource _timeout = new(TestTimeouts.Default);
    private readonly HeldChatClient _client = new();

    public void Dispose()
    {
        _timeout.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Worker_OfASessionThatIsErased_StopsItsRunAndRemovesItsNotes()
    {
        await using var home = new WorkerHome(_client);
        await home.Worker.StartAsync(_timeout.Token);
        await home.EnqueueAsync("s1");
        await _client.AskedAsync(_timeout.Token);
        await NoteAsync(home, "s1", "secret");

        await home.Log.EraseAsync(SessionId.Parse("s1"));

        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (File.Exists(home.Notes.PathOf("s1", Owner)))
        {
            await pause.WaitForNextTickAsync(_timeout.Token);
        }

        // Its place is free without an answer of the model.
        await home.Worker.StopAsync(_timeout.Token);
    }

    [Fact]
    public async Task Sweep_AfterAnAbsence_RemovesWhatWasErased_AndNothingElse()
    {
        await using var home = new WorkerHome(_client);
        foreach (var session in (string[])["s1", "s2", "s3"])
        {
            await home.EnqueueAsync(session);
            await NoteAsync(home, session, $"of {session}");
        }

        await home.Log.EraseAsync(SessionId.Parse("s1"));
        await home.Log.EraseAsync(SessionId.Parse("s2"));
        await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        await home.EnqueueAsync("s2");
        await NoteAsync(home, "s2", "of the next one under this id");

        await home.Erasure.SweepAsync(_timeout.Token);
        await home.Erasure.SweepAsync(_timeout.Token);

        Assert.Empty(await TextsAsync(home, "s1"));
        Assert.Equal(["of the next one under this id"], await TextsAsync(home, "s2"));
        Assert.Equal(["of s3"], await TextsAsync(home, "s3"));
        Assert.Equal(["s2", "s3"], home.Notes.Sessions().Select(session => session.Value).Order(StringComparer.Ordinal));
        var files = Directory.GetFiles(Path.GetDirectoryName(home.Notes.PathOf("s1", Owner))!);
        Assert.All(files, file => Assert.DoesNotContain("of s1", File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static Task NoteAsync(WorkerHome home, string session, string text)
        => home.Notes.AppendAsync(Context(session), text, null, CancellationToken.None);

    private static async Task<IEnumerable<string>> TextsAsync(WorkerHome home, string session)
        => (await home.Notes.ListAsync(Context(session), CancellationToken.None)).Select(note => note.Text);

    private static ToolContext Context(string session) => new(session, "run-1", "call-1") { Owner = Owner };
}
