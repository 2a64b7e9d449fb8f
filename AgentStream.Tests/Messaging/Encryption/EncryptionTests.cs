using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Messaging.Embedded;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Tools;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Notes;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Messaging.Encryption;

/// <summary>What is encrypted at rest, what is read of what was kept before, and what becomes of it without the keys.</summary>
public sealed class EncryptionTests
{
    private const string Words = "xyzzy-plugh";

    [Fact]
    public void Cipher_ThatDoesNotEncrypt_ReadsBothAndWritesAsItIs()
    {
        var keys = TestKeys.NewKeys();
        var (on, off) = (TestKeys.Of(keys, encrypts: true), TestKeys.Of(keys, encrypts: false));
        byte[] plain = [.. "{\"a\":1}"u8];

        Assert.Equal(plain, off.Seal(plain));
        Assert.NotEqual(plain, on.Seal(plain));
        Assert.Equal(plain, off.Open(on.Seal(plain)));
        Assert.Equal(plain, on.Open(plain));
        Assert.Equal(("a title", "a title"), (off.OpenText(on.SealText("a title")), on.OpenText("a title")));
        Assert.Equal("not sealed", ContentCipher.None.OpenText(ContentCipher.None.SealText("\u0001not sealed")));
    }

    [Fact]
    public void Cipher_WithoutTheKey_OrOfSomethingChanged_SaysThatItCanNot()
    {
        var (one, other) = (TestKeys.New(), TestKeys.New());
        var kept = one.Seal([.. "secret"u8]);
        byte[] changed = [.. kept[..^1], (byte)(kept[^1] ^ 1)];

        Assert.ThrowsAny<JsonException>(() => other.Open(kept));
        Assert.ThrowsAny<JsonException>(() => ContentCipher.None.Open(kept));
        Assert.ThrowsAny<JsonException>(() => one.Open(changed));
        Assert.ThrowsAny<JsonException>(() => ContentCipher.None.OpenText(one.SealText("secret")));
    }

    [Fact]
    public async Task Store_ThatEncrypts_HasNoWordOnDisk_AndListsFindsAndReadsThemAll()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.Zero }, TestKeys.New());
        await SayAsync(home, "s1", $"first {Words}");
        await home.RetainAsync();
        await SayAsync(home, "s2", "another one");
        await home.Log.RenameAsync(SessionId.Parse("s2"), $"a title with {Words}");
        await SayAsync(home, "s3", "a third one");

        foreach (var file in Directory.GetFiles(home.Options.DataDirectory, "sessions.*"))
        {
            Assert.DoesNotContain(Words, await ReadAsync(file), StringComparison.Ordinal);
            Assert.DoesNotContain("third", await ReadAsync(file), StringComparison.Ordinal);
        }

        await home.RestartAsync();
        var found = new List<string>();
        var query = new SessionQuery { Owner = PrincipalId.Anonymous, Search = "XYZZY", Limit = 1 };
        for (string? next = ""; next is not null;)
        {
            var page = await home.Log.ListAsync(next.Length == 0 ? query : query with { PageToken = next });
            found.AddRange(page.Sessions.Select(session => session.Title));
            next = page.Next;
        }

        Assert.Equal([$"a title with {Words}", $"first {Words}"], found);
        var read = await home.Log.ReadTranscriptAsync(SessionId.Parse("s1"), null, 9);
        Assert.Equal($"first {Words}", Assert.Single(read.Messages).Message);
    }

    [Fact]
    public async Task Store_WithContentOfBothKinds_ReadsBoth_AndWithoutTheKeysOnlyWhatIsPlain()
    {
        var keys = TestKeys.NewKeys();
        await using var home = new EmbeddedHome();
        await SayAsync(home, "plain", "said before");
        home.Cipher = TestKeys.Of(keys, encrypts: true);
        await home.RestartAsync();
        await SayAsync(home, "plain", "said after", "m2");
        await SayAsync(home, "sealed", "said under lock and key");
        home.Cipher = TestKeys.Of(keys, encrypts: false);
        await home.RestartAsync();
        await SayAsync(home, "later", "said with the lock off");

        var both = await home.Log.ReadTranscriptAsync(SessionId.Parse("plain"), null, 9);
        Assert.Equal(["said before", "said after"], both.Messages.Select(message => message.Message));

        home.Cipher = null;
        await home.RestartAsync();

        Assert.Single((await home.Log.ReadTranscriptAsync(SessionId.Parse("later"), null, 9)).Messages);
        await Assert.ThrowsAnyAsync<StoreUnavailableException>(
            async () => await home.Log.ReadTranscriptAsync(SessionId.Parse("sealed"), null, 9));
        var list = (await home.Log.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous })).Sessions;
        Assert.Equal(["", "said before", "said with the lock off"], list.Select(session => session.Title).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Notes_OfAWorkerThatEncrypts_HaveNoWordOnDisk()
    {
        using var directory = new TemporaryDirectory();
        using var notes = new NoteStore(directory.Path, TimeProvider.System, TestKeys.New());
        var context = new ToolContext("s1", "r1", "c1");
        await notes.AppendAsync(context, $"text {Words}", $"title {Words}", CancellationToken.None);

        Assert.DoesNotContain(Words, await ReadAsync(Assert.Single(Directory.GetFiles(directory.Path))), StringComparison.Ordinal);
        Assert.Contains(
            $"title {Words}: text {Words}", await NoteTools.CreateListNotes(notes).CallAsync("{}", context), StringComparison.Ordinal);

        using var without = new NoteStore(directory.Path, TimeProvider.System);
        await Assert.ThrowsAsync<ToolException>(() => without.ListAsync(context, CancellationToken.None));
    }

    [Fact]
    public void Keys_InADirectory_AreTheSameForAllWhoShareIt_AndASettingThatIsMissingIsNamed()
    {
        using var directory = new TemporaryDirectory();
        var options = new EncryptionOptions { Enabled = true, KeyDirectory = "keys" };
        var (one, other) = (ContentKeys.Bring(options, directory.Path), ContentKeys.Bring(options, directory.Path));

        Assert.Equal("said", Encoding.UTF8.GetString(other.Open(one.Seal([.. "said"u8]))));
        Assert.NotEmpty(Directory.GetFiles(directory.File("keys")));
        Assert.False(ContentKeys.Bring(new EncryptionOptions(), directory.Path).Encrypts);
        Assert.Contains(
            "AgentStream:Encryption:KeyDirectory is not set",
            Assert.Throws<OptionsValidationException>(() => ContentKeys.Bring(new EncryptionOptions { Enabled = true }, "/")).Message,
            StringComparison.Ordinal);
    }

    private static async Task SayAsync(EmbeddedHome home, string session, string message, string messageId = "m1")
    {
        await home.Queue.EnqueueAsync(Make.Request(messageId, SessionId.Parse(session), message: message));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        await home.Queue.FinishAsync(
            Make.Append(lease, 1, Make.Started(), Make.Step(lease, 1, $"answer {Words}")) with { Checkpoint = Make.Bytes(Words) },
            Make.Finished());
    }

    private static async Task<string> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }
}
