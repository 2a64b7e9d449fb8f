using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Embedded.Journal;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Messaging.Contract;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>What a power cut or a bad disk does to a journal, and what is made of it.</summary>
public sealed class JournalDamageTests
{
    [Fact]
    public async Task Start_LastRecordTornAtAnyByte_GoesOnWithoutIt()
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        var epoch = lease.Epoch;
        var whole = new FileInfo(home.Journal).Length;
        await home.Log.AppendAsync(
            Make.Append(lease, 2, Make.Delta(lease, 1, "the last words")) with { Checkpoint = Make.Bytes("checkpoint") });
        await home.StopAsync();
        var journal = home.Journal;
        var bytes = await File.ReadAllBytesAsync(journal);

        for (var length = (int)whole; length < bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(journal, bytes[..length]);
            home.Start();
            var head = await home.Log.GetHeadAsync(Make.Session);
            Assert.Equal((epoch, new Offset(2)), (head.Epoch, head.LastSeq));
            await home.StopAsync();
            Assert.Equal(whole, new FileInfo(journal).Length);
        }

        Assert.Equal(bytes.Length - whole - 1, home.Logs.At(LogLevel.Warning).Count());
        Assert.Empty(home.Logs.At(LogLevel.Error));
        home.Start();
        Assert.Equal(AppendStatus.Appended, (await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "again")))).Status);
    }

    [Fact]
    public async Task Start_ZerosBehindTheLastRecord_AreCutOff()
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        await home.StopAsync();
        await File.AppendAllBytesAsync(home.Journal, new byte[4096]);

        home.Start();

        var head = await home.Log.GetHeadAsync(Make.Session);
        Assert.Equal((lease.Epoch, new Offset(2)), (head.Epoch, head.LastSeq));
        Assert.Single(home.Logs.At(LogLevel.Warning));
    }

    [Fact]
    public async Task Start_AnyBitOfAnEarlierRecordFlipped_KeepsWhatStandsBeforeAsAnotherEpoch()
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        var from = (int)new FileInfo(home.Journal).Length;
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "hit")));
        var until = (int)new FileInfo(home.Journal).Length;
        await home.Log.AppendAsync(Make.Append(lease, 3, Make.Delta(lease, 1, "sound, but after it")));
        await home.StopAsync();
        var journal = home.Journal;
        var bytes = await File.ReadAllBytesAsync(journal);

        for (var at = from; at < until; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= (byte)(1 << (at % 8));
            await File.WriteAllBytesAsync(journal, damaged);
            home.Start();

            var head = await home.Log.GetHeadAsync(Make.Session);
            Assert.NotEqual(lease.Epoch, head.Epoch);
            Assert.Equal(new Offset(2), head.LastSeq);
            Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lease, 4))).Status);
            Assert.Equal(ResyncReason.Epoch, (await home.Log.ReadAsync(Make.Session, new Cursor(lease.Epoch, new Offset(2)), 9)).Resync);
            await home.StopAsync();
            var aside = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(journal)!, "*.damaged-*"));
            Assert.Equal(damaged, await File.ReadAllBytesAsync(aside));
            File.Delete(aside);
        }

        Assert.Equal(until - from, home.Logs.At(LogLevel.Error).Count());
        home.Start();
        Assert.Equal(lease.RunId, (await home.Queue.ClaimAsync("w"))?.Lease.RunId);
    }

    [Fact]
    public async Task Start_ForeignFile_IsLeftAloneAndInNobodysWay()
    {
        await using var home = new EmbeddedHome();
        await BeginAsync(home);
        await home.StopAsync();
        var foreign = Path.Combine(Path.GetDirectoryName(home.Journal)!, "s-other.journal");
        await File.WriteAllTextAsync(foreign, "no journal at all");

        home.Start();

        Assert.True((await home.Log.GetHeadAsync(Make.Session)).Exists);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await home.Queue.EnqueueAsync(Make.Request(session: SessionId.Parse("other"))));
        Assert.Equal("no journal at all", await File.ReadAllTextAsync(foreign));
        Assert.Single(home.Logs.At(LogLevel.Warning));
    }

    [Theory]
    [InlineData("""{"op":"archived","at":1}""")]
    [InlineData(
        """{"op":"enqueued","at":1,"fingerprint":"f","request":{"session_id":"s1","run_id":"r","message_id":"m","owner":"o","message":"t","agent_name":"a","on_busy":"swap"}}""")]
    public async Task Start_RecordOfANewerVersion_IsNoDamage(string record)
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        await home.StopAsync();
        var journal = home.Journal;
        var known = await File.ReadAllBytesAsync(journal);
        var payload = Make.Bytes(record + "\n");
        var length = BitConverter.GetBytes((uint)payload.Length);
        byte[] newer = [.. known, .. length, .. BitConverter.GetBytes(JournalFormat.Checksum(length, payload)), .. payload];
        await File.WriteAllBytesAsync(journal, newer);

        home.Start();

        // Left alone, for the version that wrote it: nothing is cut off, and nobody's cursor is another life's.
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Log.GetHeadAsync(Make.Session));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request("m2")));
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("other")))).Status);
        await home.RetainAsync();
        await home.StopAsync();
        Assert.Equal(newer, await File.ReadAllBytesAsync(journal));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(journal)!, "*.damaged-*"));
        Assert.Contains(home.Logs.At(LogLevel.Warning), line => line.Contains(journal, StringComparison.Ordinal));

        await File.WriteAllBytesAsync(journal, known);
        home.Start();
        var head = await home.Log.GetHeadAsync(Make.Session);
        Assert.Equal((lease.Epoch, new Offset(2)), (head.Epoch, head.LastSeq));
    }

    [Fact]
    public async Task Read_EndThatWasAcknowledgedIsGone_BeginsAnotherEpoch()
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        var before = (int)new FileInfo(home.Journal).Length;
        await home.Queue.FinishAsync(Make.Append(lease, 2), Make.Finished());
        await home.AdvanceAsync(home.Options.UnloadAfter);
        await home.RetainAsync();
        var bytes = await File.ReadAllBytesAsync(home.Journal);
        bytes.AsSpan(before).Clear();
        await File.WriteAllBytesAsync(home.Journal, bytes);

        // Zeros at a start are a power cut; after what this process knows to be on disk they are a loss, and offset 3 was seen.
        Assert.Equal(ResyncReason.Epoch, (await home.Log.ReadAsync(Make.Session, new Cursor(lease.Epoch, new Offset(2)), 9)).Resync);
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
    public async Task Start_FileThatNeverGotItsFirstEntry_IsRemoved()
    {
        await using var home = new EmbeddedHome();
        home.TearNextWrite(5);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request()));

        await home.RestartAsync();

        Assert.False((await home.Log.GetHeadAsync(Make.Session)).Exists);
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request())).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Append_DiskFull_ChangesNothingAndWorksWhenThereIsSpaceAgain(bool truncateFails)
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        var length = new FileInfo(home.Journal).Length;
        var append = Make.Append(lease, 2, Make.Delta(lease, 1, "words"));
        home.Disk.IsFull = true;
        home.Disk.TruncateFails = truncateFails;

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Log.AppendAsync(append));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request("m2")));

        Assert.Equal(new Offset(2), (await home.Log.GetHeadAsync(Make.Session)).LastSeq);
        Assert.Equal(2, (await home.Log.ReadAsync(Make.Session, default, 9)).Entries.Count);
        Assert.True(truncateFails || length == new FileInfo(home.Journal).Length);
        Assert.True((await home.Queue.RenewAsync(lease)).Held);
        home.Disk.IsFull = false;
        Assert.Equal(new Offset(3), (await home.Log.AppendAsync(append)).LastOffset);
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m2"))).Status);
        await home.RestartAsync();
        Assert.Equal(new Offset(4), (await home.Log.GetHeadAsync(Make.Session)).LastSeq);
        Assert.DoesNotContain(home.Logs.At(LogLevel.Error), line => line.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retain_DiskFull_KeepsTheOldFile()
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

    private static async Task<RunLease> BeginAsync(EmbeddedHome home)
    {
        await home.Queue.EnqueueAsync(Make.Request());
        var claim = await home.Queue.ClaimAsync("w");
        Assert.NotNull(claim);
        await home.Log.AppendAsync(Make.Append(claim.Lease, 1, Make.Started()));
        return claim.Lease;
    }
}
