using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>What is kept, and for how long.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Retain_AfterTheReplayWindow_FoldsTheLogAndKeepsTheTranscript()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        await FinishedRunAsync(home, "m1", checkpoint: "c1");
        var before = (await home.Log.SnapshotAsync(Session)).Data;
        var epoch = before.Epoch;
        await home.AdvanceAsync(TimeSpan.FromSeconds(59));
        await home.RetainAsync();
        Assert.Equal(Offset.Start, (await home.Log.GetHeadAsync(Session)).TrimmedThrough);

        await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        await home.RetainAsync();

        var head = await home.Log.GetHeadAsync(Session);
        Assert.Equal(head.LastSeq, head.TrimmedThrough);
        var expected = LogJson.Of(before with { TrimmedThrough = head.LastSeq });
        Assert.Equal(expected, LogJson.Of((await home.Log.SnapshotAsync(Session)).Data));
        await home.RestartAsync();
        Assert.Equal(expected, LogJson.Of((await home.Log.SnapshotAsync(Session)).Data));
        Assert.Equal(epoch, (await home.Log.GetHeadAsync(Session)).Epoch);
        Assert.Equal(EnqueueStatus.Conflict, (await home.Queue.EnqueueAsync(Make.Request("m1", message: "other"))).Status);
        var next = await home.Queue.EnqueueAsync(Make.Request("m2"));
        Assert.Equal(head.LastSeq.Next, next.Seq);
        Assert.Equal(["c1"], (await ClaimAsync(home)).Conversation.Single().Checkpoints.Select(Make.Text));
    }

    [Fact]
    public async Task Retain_WhileARunIsUnderWay_CutsBeforeItsFirstEntry()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        await FinishedRunAsync(home, "m1");
        var cut = (await home.Log.GetHeadAsync(Session)).LastSeq;
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started()));

        await home.RetainAsync();

        Assert.Equal(cut, (await home.Log.GetHeadAsync(Session)).TrimmedThrough);
        Assert.Equal(AppendStatus.Appended, (await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "a")))).Status);
    }

    [Fact]
    public async Task Retain_WhileARunWaits_CutsBeforeItsFirstEntry()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        await FinishedRunAsync(home, "m1");
        var cut = (await home.Log.GetHeadAsync(Session)).LastSeq;
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        var waiting = await home.Queue.EnqueueAsync(Make.Request("m3"));
        await home.Queue.FinishAsync(Make.Append((await ClaimAsync(home)).Lease, 1, Make.Started()), Make.Finished());
        var second = (await home.Log.GetHeadAsync(Session)).LastSeq;

        await home.RetainAsync();
        Assert.Equal(cut, (await home.Log.GetHeadAsync(Session)).TrimmedThrough);

        // Once it is over, what went before it may go, too; it waited then, and the base says so.
        var lease = (await ClaimAsync(home)).Lease;
        Assert.Equal(waiting.RunId, lease.RunId);
        await home.Queue.FinishAsync(Make.Append(lease, 1, Make.Started()), Make.Finished());
        await home.RetainAsync();
        await home.RestartAsync();
        Assert.True((await home.Log.GetHeadAsync(Session)).TrimmedThrough > second);
    }

    [Fact]
    public async Task Restart_WithARunUnderWay_GoesOnFromItsCheckpoint()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        var second = await home.Queue.EnqueueAsync(Make.Request("m2"));
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(
            Make.Append(lease, 1, Make.Started(), Make.Step(lease, 1, "kept")) with { Checkpoint = Make.Bytes("one") });
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 2, "lost")));
        var before = await home.Log.GetHeadAsync(Session);

        await home.RestartAsync();

        Assert.Equal(before, await home.Log.GetHeadAsync(Session));
        var claim = await ClaimAsync(home);
        Assert.Equal((lease.RunId, 2), (claim.Lease.RunId, claim.Attempt));
        Assert.Equal(["one"], claim.Checkpoints.Select(Make.Text));
        Assert.Equal(["lost"], claim.Unsettled.Select(step => step.Content));
        Assert.Null(await home.Queue.ClaimAsync("other"));
        await home.Queue.FinishAsync(Make.Append(claim.Lease, 1, Make.Started(2)), Make.Finished());
        Assert.Equal(second.RunId, (await ClaimAsync(home)).Lease.RunId);
    }

    [Fact]
    public async Task Erase_OfASession_LeavesNothing()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        using var stop = new CancellationTokenSource(Patience);
        await using var batches = home.Log.FollowAsync(Session, new Cursor(lease.Epoch, new Offset(1)), stop.Token).GetAsyncEnumerator();
        var next = batches.MoveNextAsync();

        Assert.True(await home.Log.EraseAsync(Session));

        Assert.True(await next);
        Assert.Equal((ResyncReason.Epoch, Offset.Start), (batches.Current.Resync, batches.Current.Head));
        Assert.False(await batches.MoveNextAsync());
        var head = await home.Log.GetHeadAsync(Session);
        Assert.False(head.Exists);
        Assert.NotEqual(lease.Epoch, head.Epoch);
        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lease, 1))).Status);
        Assert.Null(await home.Queue.ClaimAsync("w"));
        Assert.Empty((await home.Log.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous })).Sessions);
        Assert.False(await home.Log.EraseAsync(Session));
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request(message: "new"))).Status);
        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lease, 1))).Status);
        Assert.Equal(head.Epoch, (await home.Log.GetHeadAsync(Session)).Epoch);
    }

    [Fact]
    public async Task Erase_OfASession_IsSaidAndRememberedForWhoeverKeepsSomethingOfIt()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        await home.Queue.EnqueueAsync(Make.Request(session: SessionId.Parse("stays")));
        var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
        using var stop = new CancellationTokenSource(Patience);
        await using var signals = home.Queue.ListenAsync(stop.Token).GetAsyncEnumerator();
        Assert.True(await signals.MoveNextAsync());

        await home.Log.EraseAsync(lease.SessionId);

        while (signals.Current is not ErasedSignal)
        {
            Assert.True(await signals.MoveNextAsync());
        }

        Assert.Equal(new ErasedSignal(lease.SessionId, lease.Epoch), signals.Current);
        var erased = await home.Erasures.FindAsync([Session, SessionId.Parse("stays"), SessionId.Parse("never")]);
        Assert.Equal((lease.SessionId, home.Now), erased.Select(one => (one.Key, one.Value)).Single());
    }
}
