using System.Globalization;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>Sessions that leave memory and come back, and crashes at any write meanwhile.</summary>
public sealed class SessionMemoryTests
{
    private static readonly SessionQuery All = new() { Owner = PrincipalId.Anonymous, Limit = 200 };

    [Fact]
    public async Task Crash_AtEveryWriteBoundary_LosesNoSessionAndNoWorkAndListsNoneTwice()
    {
        for (var changes = 0; ; changes++)
        {
            // A small replay window, so that sessions are brought back to be cut, and written anew.
            await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.FromSeconds(3) });
            await FinishAsync(home, 4, deltas: 40);
            await PutAllAwayAsync(home);
            home.Disk.ChangesLeft = changes;
            var finished = await LiveAsync(home);

            await StopAsync(home, killed: true);
            home.Start();

            var listed = (await home.Log.ListAsync(All)).Sessions;
            Assert.Equal(listed.Count, listed.Select(session => session.SessionId).Distinct().Count());
            foreach (var session in listed)
            {
                var page = await home.Log.ReadTranscriptAsync(session.SessionId, null, 200);
                Assert.Equal((page.Head.LastSeq, page.Messages.Count, page.Head.Title), (session.LastSeq, session.Messages, session.Title));
                Assert.Equal(EnqueueStatus.Duplicate, (await home.Queue.EnqueueAsync(Make.Request("m1", session.SessionId))).Status);
            }

            // s1 may have been erased; of the others none is gone, and what waits is found.
            Assert.Superset(new HashSet<string> { "s0", "s2", "s3" }, listed.Select(session => session.SessionId.Value).ToHashSet());
            foreach (var waiting in listed.Where(session => session.Busy).ToList())
            {
                Assert.NotNull(await home.Queue.ClaimAsync("w"));
            }

            Assert.Null(await home.Queue.ClaimAsync("w"));
            if (finished)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task Follow_OfASessionThatLeftMemory_GoesOnWithItsCursor()
    {
        await using var home = new EmbeddedHome();
        await FinishAsync(home, 2);
        var session = SessionId.Parse("s1");
        var before = await home.Log.GetHeadAsync(session);
        await PutAllAwayAsync(home);
        Assert.Equal(0, home.Store.KnownSessions);

        await using var reader = home.Log.FollowAsync(session, new Cursor(before.Epoch, before.LastSeq)).GetAsyncEnumerator();
        var next = reader.MoveNextAsync().AsTask();
        await PutAllAwayAsync(home);
        Assert.Equal(1, home.Store.KnownSessions);
        var taken = await home.Queue.EnqueueAsync(Make.Request("m2", session));

        Assert.True(await next.WaitAsync(TestTimeouts.Default));
        Assert.Equal((before.LastSeq.Next, before.Epoch), (taken.Seq, reader.Current.Epoch));
        Assert.Equal([taken.Seq], reader.Current.Entries.Select(entry => entry.Offset));
    }

    [Fact]
    public async Task Enqueue_ToASessionThatLeftMemory_KnowsItsMessagesAndTokens()
    {
        await using var home = new EmbeddedHome();
        await home.Queue.EnqueueAsync(Make.Request());
        var first = (await home.Queue.ClaimAsync("w"))!.Lease;
        await home.Queue.FinishAsync(Make.Append(first, 1), Make.Finished());
        var before = await home.Log.GetHeadAsync(Make.Session);
        await PutAllAwayAsync(home);

        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(first, 2, Make.Started()))).Status);
        await PutAllAwayAsync(home);
        var duplicate = await home.Queue.EnqueueAsync(Make.Request());
        await PutAllAwayAsync(home);
        var conflict = await home.Queue.EnqueueAsync(Make.Request(message: "another text"));
        await PutAllAwayAsync(home);
        var next = await home.Queue.EnqueueAsync(Make.Request("m2"));

        Assert.Equal((EnqueueStatus.Duplicate, first.RunId, EnqueueStatus.Conflict), (duplicate.Status, duplicate.RunId, conflict.Status));
        Assert.Equal((EnqueueStatus.Accepted, before.LastSeq.Next), (next.Status, next.Seq));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        Assert.Equal((before.Epoch, first.Token.Value + 1), (lease.Epoch, lease.Token.Value));
    }

    [Fact]
    public async Task Erase_OfASessionThatLeftMemory_TakesItOffTheListForGood()
    {
        await using var home = new EmbeddedHome();
        await FinishAsync(home, 3);
        var before = await home.Log.GetHeadAsync(SessionId.Parse("s1"));
        await PutAllAwayAsync(home);

        Assert.True(await home.Log.EraseAsync(SessionId.Parse("s1")));

        Assert.NotEqual(before.Epoch, (await home.Log.GetHeadAsync(SessionId.Parse("s1"))).Epoch);
        Assert.Equal(["s2", "s0"], (await home.Log.ListAsync(All)).Sessions.Select(session => session.SessionId.Value));
        await StopAsync(home, killed: true);
        home.Start();
        Assert.Equal(["s2", "s0"], (await home.Log.ListAsync(All)).Sessions.Select(session => session.SessionId.Value));
    }

    [Fact]
    public async Task IdleSessions_MoreThanTheLimit_LeaveBeforeTheirTime()
    {
        await using var home = new EmbeddedHome();
        home.Options.MaxIdleSessions = 2;
        await FinishAsync(home, 5);

        await home.RetainAsync();

        Assert.Equal(2, home.Store.KnownSessions);
        Assert.Equal(5, (await home.Log.ListAsync(All)).Sessions.Count);
    }

    [Fact]
    public async Task Retain_OfSessionsThatLeftMemory_CutsThemWhenTheirTimeComes()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(10) });
        await FinishAsync(home, 300, deltas: 1);
        await PutAllAwayAsync(home);
        await home.RestartAsync();
        Assert.Equal(0, home.Store.KnownSessions);

        await home.AdvanceAsync(TimeSpan.FromMinutes(20));
        await home.RetainAsync();

        Assert.Equal(0, home.Store.KnownSessions);
        for (var i = 0; i < 300; i++)
        {
            var head = await home.Log.GetHeadAsync(SessionId.Parse($"s{i}"));
            Assert.Equal(head.LastSeq, head.TrimmedThrough);
        }
    }

    /// <summary>
    /// All that leaves a trace: runs, a name, an erased session, cuts, comings and goings. Whether the disk lasted until the end.
    /// </summary>
    private static async Task<bool> LiveAsync(EmbeddedHome home)
    {
        try
        {
            await RunAsync(home, SessionId.Parse("s2"), "m2", 40);
            await PutAllAwayAsync(home);
            await home.Log.RenameAsync(SessionId.Parse("s3"), "another name");
            await home.Log.EraseAsync(SessionId.Parse("s1"));
            await PutAllAwayAsync(home);
            await home.Queue.EnqueueAsync(Make.Request("m3", SessionId.Parse("s0")));
            await PutAllAwayAsync(home);
        }
        catch (StoreUnavailableException)
        {
            return false;
        }

        return !home.Disk.IsDead;
    }

    private static async Task FinishAsync(EmbeddedHome home, int sessions, int deltas = 2)
    {
        for (var i = 0; i < sessions; i++)
        {
            await RunAsync(home, SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"s{i}")), "m1", deltas);
            await home.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        }
    }

    private static async Task RunAsync(EmbeddedHome home, SessionId session, string message, int deltas)
    {
        await home.Queue.EnqueueAsync(Make.Request(message, session));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        var events = Enumerable.Range(0, deltas).Select(i => Make.Delta(lease, 1, $"word {i} ")).ToArray();
        await home.Log.AppendAsync(Make.Append(lease, 1, [Make.Started(), .. events]));
        await home.Queue.FinishAsync(Make.Append(lease, 2), Make.Finished());
    }

    private static async Task PutAllAwayAsync(EmbeddedHome home)
    {
        await home.AdvanceAsync(home.Options.UnloadAfter);
        await home.RetainAsync();
    }

    private static async Task StopAsync(EmbeddedHome home, bool killed)
    {
        if (killed)
        {
            home.Disk.Kill();
        }

        await home.StopAsync();
    }
}
