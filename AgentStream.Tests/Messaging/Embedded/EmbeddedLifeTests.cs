using System.Diagnostics;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>Group commit, memory, and whose the directory is.</summary>
public sealed class EmbeddedLifeTests
{
    [Fact]
    public async Task Writes_ThatComeDuringACommit_GoToDiskTogether()
    {
        await using var home = new EmbeddedHome();
        home.Disk.Hold();
        var messages = Enumerable.Range(0, 50).Select(i => home.Queue.EnqueueAsync(Make.Request($"m{i}")).AsTask()).ToArray();

        // Nothing is on disk, so nobody sees it and nobody is told that it was taken.
        Assert.DoesNotContain(messages, message => message.IsCompleted);
        Assert.False((await home.Log.GetHeadAsync(Make.Session)).Exists);
        home.Disk.LetGo();
        var results = await Task.WhenAll(messages);

        Assert.All(results, result => Assert.Equal(EnqueueStatus.Accepted, result.Status));
        Assert.InRange(home.Disk.Writes, 1, 2);
    }

    [Fact]
    public async Task Failure_OfACommit_TakesAllThatWasDecidedOnTopOfItWithIt()
    {
        await using var home = new EmbeddedHome();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        home.Disk.Hold();
        home.Disk.IsFull = true;
        var first = home.Queue.EnqueueAsync(Make.Request("m2")).AsTask();
        var duplicate = home.Queue.EnqueueAsync(Make.Request("m2")).AsTask();

        home.Disk.LetGo();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => duplicate);
        home.Disk.IsFull = false;
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m2"))).Status);
    }

    [Fact]
    public async Task Erase_WhileMessagesAreOnTheirWay_LosesNoneThatCameLater()
    {
        await using var home = new EmbeddedHome();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        home.Disk.Hold();
        var inFlight = home.Queue.EnqueueAsync(Make.Request("m2")).AsTask();
        await home.Disk.Held;
        var erase = home.Log.EraseAsync(Make.Session).AsTask();
        var later = home.Queue.EnqueueAsync(Make.Request("m3")).AsTask();

        home.Disk.LetGo();

        Assert.True(await erase);
        await inFlight;
        Assert.Equal(EnqueueStatus.Accepted, (await later).Status);
        Assert.Contains("m3", (await home.Log.SnapshotAsync(Make.Session)).Data.Messages.Select(message => message.MessageId.Value));
        Assert.DoesNotContain("m1", (await home.Log.SnapshotAsync(Make.Session)).Data.Messages.Select(message => message.MessageId.Value));
    }

    [Fact]
    public async Task Enqueue_MessageThatCanNotBeWritten_LeavesTheSessionToWhoWritesFirst()
    {
        await using var home = new EmbeddedHome();

        // Half of a character: as JSON it parses, as text it can't be written.
        var unwritable = Make.Request("m1") with
        {
            Owner = PrincipalId.Parse("stranger"),
            Context = JsonElement.Parse("""{"a":"\ud83d"}"""),
        };
        await Assert.ThrowsAsync<JsonException>(async () => await home.Queue.EnqueueAsync(unwritable));

        await home.Queue.EnqueueAsync(Make.Request("m2"));
        Assert.Equal(PrincipalId.Anonymous, (await home.Log.GetHeadAsync(Make.Session)).Owner);
    }

    [Fact]
    public async Task Lease_RenewedWhileAnotherClaims_IsStillFoundWhenItRunsOut()
    {
        await using var home = new EmbeddedHome();
        home.Options.MaxPendingWrites = 1;
        await home.RestartAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        await home.AdvanceAsync(lease.Duration);

        // A disk that stalls for longer than a lease: renewal and claim wait for it, in this order.
        home.Disk.Hold();
        var stalled = home.Log.RenameAsync(Make.Session, "stalled").AsTask();
        var renewal = home.Queue.RenewAsync(lease).AsTask();
        var claim = home.Queue.ClaimAsync("w2").AsTask();
        home.Disk.LetGo();
        await stalled;
        Assert.True((await renewal).Held);
        Assert.Null(await claim);

        await home.AdvanceAsync(lease.Duration);

        Assert.Equal(lease.RunId, (await home.Queue.ClaimAsync("w2"))?.Lease.RunId);
    }

    [Fact]
    public async Task Probe_ByManyAtOnce_FindsTheDiskWell()
    {
        await using var home = new EmbeddedHome();

        Parallel.For(0, 200, _ => home.Store.Probe());
    }

    [Fact]
    public async Task Close_WhileASessionIsFolded_LeavesNobodyWaiting()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        await FinishRunAsync(home, Make.Session, deltas: 1);
        await home.AdvanceAsync(TimeSpan.FromMinutes(1));
        home.Disk.Hold();
        var inFlight = home.Queue.EnqueueAsync(Make.Request("m2")).AsTask();
        await home.Disk.Held;
        var retention = home.RetainAsync();
        var gathered = home.Queue.EnqueueAsync(Make.Request("m3")).AsTask();

        var close = home.Store.DisposeAsync().AsTask();
        home.Disk.LetGo();

        Assert.Equal(EnqueueStatus.Accepted, (await inFlight).Status);
        await close;
        await retention;
        // Whether it was written in the last moment or refused: it is told.
        await Task.WhenAny(gathered).WaitAsync(TestTimeouts.Default);
        Assert.True(gathered.IsCompletedSuccessfully || gathered.Exception?.InnerException is StoreUnavailableException);
    }

    [Fact]
    public async Task FinishedSessions_ThatNobodyUses_LeaveNothingInMemory()
    {
        await using var home = new EmbeddedHome();
        for (var i = 0; i < 100; i++)
        {
            await FinishRunAsync(home, SessionId.Parse($"s{i}"), deltas: 20);
        }

        Assert.Equal(100, home.Store.LoadedSessions);
        await home.AdvanceAsync(home.Options.UnloadAfter);
        await home.RetainAsync();

        Assert.Equal((0, 0, 0), (home.Store.KnownSessions, home.Store.LoadedSessions, home.Store.LoadedEntries));
        Assert.Equal(100, (await home.Log.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 200 })).Sessions.Count);
        Assert.Equal(23, (await home.Log.ReadAsync(SessionId.Parse("s7"), default, 100)).Entries.Count);
        Assert.Equal(1, home.Store.LoadedSessions);
    }

    [Fact]
    public async Task Start_WithManySessions_KeepsOnlyThoseWithRunsThatGoOn()
    {
        await using var home = new EmbeddedHome();
        for (var i = 0; i < 20; i++)
        {
            await FinishRunAsync(home, SessionId.Parse($"s{i}"), deltas: 1);
        }

        await home.Queue.EnqueueAsync(Make.Request("m2", SessionId.Parse("s3")));

        await home.RestartAsync();

        Assert.Equal(1, home.Store.LoadedSessions);
        Assert.Equal(SessionId.Parse("s3"), (await home.Queue.ClaimAsync("w"))?.Lease.SessionId);
    }

    [Fact]
    public async Task Retain_OfABigLog_LetsGoOfItsEntriesAndFoldsItsRecords()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        await FinishRunAsync(home, Make.Session, deltas: 5_000);
        var before = home.RecordBytes();
        await using var reader = home.Log.FollowAsync(Make.Session, new Cursor(null, new Offset(5_003))).GetAsyncEnumerator();
        var next = reader.MoveNextAsync();
        Assert.Equal(5_003, home.Store.LoadedEntries);

        await home.AdvanceAsync(TimeSpan.FromMinutes(1));
        await home.RetainAsync();

        Assert.Equal(0, home.Store.LoadedEntries);
        Assert.True(home.RecordBytes() < before / 5);
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        Assert.True(await next);
        Assert.Equal([new Offset(5_004)], reader.Current.Entries.Select(entry => entry.Offset));
    }

    [Fact]
    public async Task SessionsThatNobodyWroteTo_AfterTheirReadersLeft_AreForgotten()
    {
        await using var home = new EmbeddedHome();
        using (var stop = new CancellationTokenSource())
        {
            await using var reader = home.Log.FollowAsync(Make.Session, default, stop.Token).GetAsyncEnumerator(CancellationToken.None);
            var next = reader.MoveNextAsync();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }

        Assert.Equal(0, home.Store.KnownSessions);
    }

    [Fact]
    public async Task SecondStore_OnTheSameDirectory_SaysSoInOneSentence()
    {
        await using var home = new EmbeddedHome();

        var exception = Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Take(home.Options.DataDirectory));

        Assert.Contains(home.Options.DataDirectory, exception.Message, StringComparison.Ordinal);
        Assert.Contains("AgentStream:DataDirectory", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
        await home.StopAsync();
        DataDirectory.Take(home.Options.DataDirectory).Dispose();
        home.Start();
    }

    [Fact]
    [SystemTest]
    public void DataDirectory_HeldByAnotherProcess_IsRefused()
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/usr/bin/flock"))
        {
            return;
        }

        // The lock is the system's own, so that its own tool can hold it from another process.
        var directory = Directory.CreateTempSubdirectory("agentstream-").FullName;
        using var other = Process.Start(
            new ProcessStartInfo("/usr/bin/flock", [Path.Combine(directory, "agentstream.lock"), "-c", "echo held; read line"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        Assert.Equal("held", other.StandardOutput.ReadLine());

        Assert.Throws<DataDirectoryInUseException>(() => DataDirectory.Take(directory));

        other.StandardInput.WriteLine();
        other.WaitForExit();
        DataDirectory.Take(directory).Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task FinishRunAsync(EmbeddedHome home, SessionId session, int deltas)
    {
        await home.Queue.EnqueueAsync(Make.Request("m1", session));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        var events = Enumerable.Range(0, deltas).Select(i => Make.Delta(lease, 1, $"word {i} ")).ToArray();
        await home.Log.AppendAsync(Make.Append(lease, 1, [Make.Started(), .. events]));
        await home.Queue.FinishAsync(Make.Append(lease, 2), Make.Finished());
    }
}
