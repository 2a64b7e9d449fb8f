using System.Text;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>What a power cut, a full disk, an erasure and other versions leave on disk, and what is made of it.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Start_LastWriteTornAtAnyByte_GoesOnWithoutIt()
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        var log = home.Database + "-wal";
        var whole = new FileInfo(log).Length;
        await home.Log.AppendAsync(
            Make.Append(lease, 2, Make.Delta(lease, 1, "the last words")) with { Checkpoint = Make.Bytes("checkpoint") });
        using var kept = new TemporaryDirectory();
        File.Copy(home.Database, kept.File("db"));
        File.Copy(log, kept.File("wal"));
        var bytes = await File.ReadAllBytesAsync(kept.File("wal"));
        Assert.True(bytes.Length > whole);
        await home.StopAsync();

        for (var length = (int)whole; length <= bytes.Length; length += Math.Clamp(bytes.Length - length, 1, 331))
        {
            File.Copy(kept.File("db"), home.Database, overwrite: true);
            await File.WriteAllBytesAsync(log, bytes[..length]);
            home.Start();
            var head = await home.Log.GetHeadAsync(Make.Session);
            Assert.Equal((lease.Epoch, new Offset(length < bytes.Length ? 2 : 3)), (head.Epoch, head.LastSeq));
            await home.StopAsync();
        }

        Assert.Empty(home.Logs.At(LogLevel.Error));
        home.Start();
    }

    [Fact]
    public async Task Start_FirstWriteTorn_KnowsNothingOfIt()
    {
        await using var home = new EmbeddedHome();
        home.TearNextWrite(5);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request()));

        await home.RestartAsync();

        Assert.False((await home.Log.GetHeadAsync(Make.Session)).Exists);
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request())).Status);
    }

    [Theory]
    [InlineData("""{"op":"archived","at":1}""")]
    [InlineData(
        """{"op":"enqueued","at":1,"fingerprint":"f","request":{"session_id":"s1","run_id":"r","message_id":"m","owner":"o","message":"t","agent_name":"a","on_busy":"swap"}}""")]
    public async Task Start_RecordOfANewerVersion_IsLeftAlone(string record)
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        await home.StopAsync();
        var newer = Convert.ToHexString(Encoding.UTF8.GetBytes(record + "\n"));
        home.Query($"INSERT INTO records (session, bytes) SELECT max(session), x'{newer}' FROM records");
        var before = home.RecordBytes();

        home.Start();

        // For the version that wrote it: nothing is cut off, and the other sessions are none the worse.
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Log.GetHeadAsync(Make.Session));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request("m2")));
        await home.RetainAsync();
        Assert.Equal(before, home.RecordBytes());
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("other")))).Status);
        Assert.Contains(home.Logs.At(LogLevel.Warning), line => line.Contains("s1", StringComparison.Ordinal));
        await home.StopAsync();

        home.Query($"DELETE FROM records WHERE bytes = x'{newer}'");
        home.Start();
        var head = await home.Log.GetHeadAsync(Make.Session);
        Assert.Equal((lease.Epoch, new Offset(2)), (head.Epoch, head.LastSeq));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_FileThatCanNotBeOpened_SaysSoInOneSentenceAndLeavesItAlone(bool newer)
    {
        await using var home = new EmbeddedHome();
        await BeginAsync(home);
        await home.StopAsync();
        var sound = await File.ReadAllBytesAsync(home.Database);
        if (newer)
        {
            home.Query("PRAGMA user_version = 2");
        }
        else
        {
            await File.WriteAllTextAsync(home.Database, "no database at all");
        }

        var found = await File.ReadAllBytesAsync(home.Database);
        var exception = Assert.Throws<StoreUnavailableException>(home.Start);

        Assert.Contains(home.Database, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.Equal(found, await File.ReadAllBytesAsync(home.Database));
        await File.WriteAllBytesAsync(home.Database, sound);
        home.Start();
        Assert.True((await home.Log.GetHeadAsync(Make.Session)).Exists);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_ArgumentsNestedAsDeepAsAModelMayWriteThem_AreNoDamage(bool folded)
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        var lease = await BeginAsync(home);
        var arguments = JsonElement.Parse(string.Concat(Enumerable.Repeat("""{"a":""", 63)) + "{}" + new string('}', 63));
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Step(lease, 1, "deep", StepType.ToolUse) with { Arguments = arguments }));
        await home.Queue.FinishAsync(Make.Append(lease, 3), Make.Finished());
        if (folded)
        {
            await home.AdvanceAsync(TimeSpan.FromMinutes(1));
            await home.RetainAsync();
        }

        await home.RestartAsync();

        var page = await home.Log.ReadTranscriptAsync(Make.Session, null, 9);
        Assert.Equal((lease.Epoch, new Offset(4)), (page.Head.Epoch, page.Head.LastSeq));
        Assert.True(JsonElement.DeepEquals(arguments, Assert.Single(Assert.Single(page.Messages).Steps).Arguments!.Value));
        Assert.Empty(home.Logs.At(LogLevel.Error));
    }

    [Fact]
    public async Task Append_DiskFull_ChangesNothingAndWorksWhenThereIsSpaceAgain()
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        var append = Make.Append(lease, 2, Make.Delta(lease, 1, "words"));
        home.Disk.IsFull = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Log.AppendAsync(append));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request("m2")));
        Assert.Throws<StoreUnavailableException>(home.Store.Probe);

        Assert.Equal(new Offset(2), (await home.Log.GetHeadAsync(Make.Session)).LastSeq);
        Assert.Equal(2, (await home.Log.ReadAsync(Make.Session, default, 9)).Entries.Count);
        Assert.True((await home.Queue.RenewAsync(lease)).Held);
        home.Disk.IsFull = false;
        Assert.Equal(new Offset(3), (await home.Log.AppendAsync(append)).LastOffset);
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m2"))).Status);
        await home.RestartAsync();
        Assert.Equal(new Offset(4), (await home.Log.GetHeadAsync(Make.Session)).LastSeq);
    }

    [Fact]
    public async Task Retain_DiskFull_CutsLater()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        var lease = await BeginAsync(home);
        await home.Queue.FinishAsync(Make.Append(lease, 2), Make.Finished());
        home.Disk.IsFull = true;

        await home.RetainAsync();

        Assert.Equal(Offset.Start, (await home.Log.GetHeadAsync(Make.Session)).TrimmedThrough);
        home.Disk.IsFull = false;
        await home.AdvanceAsync(TimeSpan.FromMinutes(2));
        await home.RetainAsync();
        Assert.Equal(new Offset(3), (await home.Log.GetHeadAsync(Make.Session)).TrimmedThrough);
    }

    [Fact]
    public async Task Erase_OfASession_LeavesNothingOfItInAnyFile()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        await home.Queue.EnqueueAsync(Make.Request("m0", SessionId.Parse("another"), message: "stays"));
        await home.Queue.FinishAsync(Make.Append((await home.Queue.ClaimAsync("w"))!.Lease, 1), Make.Finished());
        await home.Queue.EnqueueAsync(Make.Request("m1", message: "a secret question"));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        var words = Enumerable.Range(0, 500).Select(i => Make.Delta(lease, 1, $"secret words {i} ")).ToArray();
        await home.Log.AppendAsync(Make.Append(lease, 1, [Make.Started(), .. words]) with { Checkpoint = Make.Bytes("secret thoughts") });
        await home.Queue.FinishAsync(Make.Append(lease, 2, Make.Step(lease, 1, "a secret answer")), Make.Finished());
        await home.Log.RenameAsync(Make.Session, "a secret title");
        await home.Log.RenameAsync(Make.Session, "another secret title");
        await AddSecretsAsync(home.Attachments);
        await home.AdvanceAsync(TimeSpan.FromMinutes(1));
        await home.RetainAsync();
        Assert.True(await FindAsync(home, "secret"));
        Assert.True(await FindAsync(home, "secret file"));

        Assert.True(await home.Log.EraseAsync(Make.Session));

        Assert.False(await FindAsync(home, "secret"));
        Assert.True(await FindAsync(home, "stays"));
        await home.RestartAsync();
        Assert.False(await FindAsync(home, "secret"));
    }

    [Fact]
    public async Task Attachment_ThatNobodySent_GoesAfterAWhile_AndOneThatWasSentStays()
    {
        await using var home = new EmbeddedHome();
        var unsent = await AddAsync(home.Attachments, "begun");
        var sent = await AddAsync(home.Attachments, "whole");
        await home.Queue.EnqueueAsync(Make.Request() with { Attachments = [sent] });

        await home.AdvanceAsync(new MessagingOptions().UnsentAttachmentLifetime);
        await home.RetainAsync();

        Assert.Empty(await home.Attachments.FindAsync(Make.Session, PrincipalId.Anonymous, [unsent.Id]));
        Assert.Equal(sent, await home.Attachments.GetAsync(Make.Session, sent.Id));
        Assert.Equal(1, home.Query("SELECT count(*) FROM attachment_parts"));
    }

    [Fact]
    public async Task Start_SessionsOfTheFormerFormat_AreTakenOver()
    {
        await using var home = new EmbeddedHome();
        await home.StopAsync();
        var former = Path.Combine(home.Options.DataDirectory, "sessions");
        Directory.CreateDirectory(former);
        var journal = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Messaging", "Embedded", "former-session.base64"));
        await File.WriteAllBytesAsync(Path.Combine(former, "s-s0.journal"), Convert.FromBase64String(journal));
        await File.WriteAllTextAsync(Path.Combine(former, "s-foreign.journal"), "no journal at all");

        home.Start();

        var session = Assert.Single((await home.Log.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous })).Sessions);
        Assert.Equal(("s0", "text of the message", 1), (session.SessionId.Value, session.Title, session.Messages));
        var page = await home.Log.ReadTranscriptAsync(session.SessionId, null, 9);
        Assert.Equal((session.LastSeq, MessageStatus.Completed), (page.Head.LastSeq, Assert.Single(page.Messages).Status));
        Assert.Equal(EnqueueStatus.Conflict, (await home.Queue.EnqueueAsync(Make.Request("m1", session.SessionId, message: "x"))).Status);
        Assert.Equal(["s-foreign.journal"], Directory.GetFiles(former).Select(Path.GetFileName));
        await home.RestartAsync();
        Assert.Equal(session.LastSeq, (await home.Log.GetHeadAsync(session.SessionId)).LastSeq);
    }

    private static async Task AddSecretsAsync(IAttachments attachments)
    {
        await AddAsync(attachments, "a secret file");
        await AddAsync(attachments, string.Concat(Enumerable.Repeat("a secret file, and a long one ", 20_000)));
    }

    private static async Task<Attachment> AddAsync(IAttachments attachments, string text)
    {
        var bytes = Make.Bytes(text);
        var added = await attachments.AddAsync(
            Make.Session, PrincipalId.Anonymous, new AttachmentFile("secret name.txt", null, bytes.Length), new MemoryStream(bytes));
        return added.Attachment!;
    }

    private static async Task<bool> FindAsync(EmbeddedHome home, string text)
    {
        foreach (var file in Directory.GetFiles(home.Options.DataDirectory, "sessions.*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            if ((await reader.ReadToEndAsync()).Contains(text, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<RunLease> BeginAsync(EmbeddedHome home)
    {
        await home.Queue.EnqueueAsync(Make.Request());
        var claim = await home.Queue.ClaimAsync("w");
        Assert.NotNull(claim);
        await home.Log.AppendAsync(Make.Append(claim.Lease, 1, Make.Started()));
        return claim.Lease;
    }
}
