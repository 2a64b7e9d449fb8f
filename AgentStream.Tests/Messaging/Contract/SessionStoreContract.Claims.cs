using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>Runs on their way to workers.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Claim_SeveralWorkers_OneRunOfASessionAtATimeInOrder()
    {
        await using var home = await OpenAsync();
        var first = await home.Queue.EnqueueAsync(Make.Request("m1"));
        var second = await home.Queue.EnqueueAsync(Make.Request("m2"));

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(async () => await home.Queue.ClaimAsync($"w{i}"))));

        var claim = Assert.Single(claims.OfType<RunClaim>());
        Assert.Equal(first.RunId, claim.Lease.RunId);
        Assert.Equal((1, 1, false), (claim.Attempt, claim.ClaimNumber, claim.CancelRequested));
        await home.Queue.FinishAsync(Make.Append(claim.Lease, 1, Make.Started()), Make.Finished());
        Assert.Equal(second.RunId, (await ClaimAsync(home)).Lease.RunId);
    }

    [Fact]
    public async Task Claim_ManySessions_EachIsServed()
    {
        await using var home = await OpenAsync();
        var sessions = Enumerable.Range(0, 12).Select(i => SessionId.Parse($"s{i}")).ToArray();
        foreach (var session in sessions)
        {
            await home.Queue.EnqueueAsync(Make.Request("m1", session));
        }

        var served = new List<SessionId>();
        while (await home.Queue.ClaimAsync("w") is { } claim)
        {
            served.Add(claim.Lease.SessionId);
        }

        Assert.Equal(sessions, served);
    }

    [Fact]
    public async Task Claim_WhileOthersWait_TakesOverALostRunFirst()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("lost")));
        var lost = (await ClaimAsync(home)).Lease;
        using var stop = new CancellationTokenSource(Patience);
        await using var signals = home.Queue.ListenAsync(stop.Token).GetAsyncEnumerator();
        Assert.True(await signals.MoveNextAsync());
        await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("other")));

        // Heard: whatever a home makes of an announcement, it has made.
        Assert.True(await signals.MoveNextAsync());
        await home.AdvanceAsync(lost.Duration);

        // On workers that are never idle there is always somebody who waits: a run must not wait for that to end.
        Assert.Equal(lost.RunId, (await ClaimAsync(home)).Lease.RunId);
    }

    [Fact]
    public async Task Renew_BeforeTheLeaseRunsOut_KeepsTheRun()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;

        for (var i = 0; i < 3; i++)
        {
            await home.AdvanceAsync(lease.Duration * 0.9);
            Assert.True((await home.Queue.RenewAsync(lease)).Held);
        }

        Assert.Null(await home.Queue.ClaimAsync("other"));
    }

    [Fact]
    public async Task Release_OfARun_HandsItOutAgainWithoutCountingTheAttempt()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;

        Assert.True(await home.Queue.ReleaseAsync(lease));
        var next = await ClaimAsync(home);

        Assert.Equal((1, 2), (next.Attempt, next.ClaimNumber));
        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lease, 1))).Status);
    }

    [Fact]
    public async Task Claim_OfALostRun_BringsCheckpointsAndWhatTheyDoNotCover()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(
            lease, 1, Make.Started(), Make.Delta(lease, 1, "Let me "), Make.Delta(lease, 1, "think"), Make.Delta(lease, 4, "open")));
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Step(lease, 1, "Let me think")) with { Checkpoint = Make.Bytes("one") });
        await home.Log.AppendAsync(
            Make.Append(lease, 3, Make.Step(lease, 2, "uncovered"), Make.Delta(lease, 3, "un"), Make.Delta(lease, 3, "finished")));
        await home.AdvanceAsync(lease.Duration);

        var claim = await ClaimAsync(home);

        Assert.Equal(["one"], claim.Checkpoints.Select(Make.Text));
        Assert.Equal(["open", "uncovered", "unfinished"], claim.Unsettled.Select(step => step.Content));
        await home.Log.AppendAsync(Make.Append(claim.Lease, 1, Make.Started(2), Make.Superseded(lease, 2, 3, 4)));
        var snapshot = (await home.Log.SnapshotAsync(Session)).Data;
        Assert.Equal(["Let me think"], Assert.Single(snapshot.Messages).Steps.Select(step => step.Content));
        Assert.Empty(snapshot.ActiveRun!.OpenSteps);
        await home.AdvanceAsync(lease.Duration);
        Assert.Empty((await ClaimAsync(home)).Unsettled);
    }

    [Fact]
    public async Task Claim_WithEarlierTurns_BringsTheConversationWithoutReplacedOnes()
    {
        await using var home = await OpenAsync();
        var first = await FinishedRunAsync(home, "m1", checkpoint: "c1");
        await FinishedRunAsync(home, "m2", checkpoint: "c2");
        var third = await FinishedRunAsync(home, "m3", checkpoint: "c3", replaces: null);
        await home.Queue.EnqueueAsync(Make.Request("m4", replaces: third));

        var claim = await ClaimAsync(home);

        Assert.Equal(
            ["text of m1: c1", "text of m2: c2"],
            claim.Conversation.Select(turn => $"{turn.Message}: {string.Join(',', turn.Checkpoints.Select(Make.Text))}"));
        await home.Queue.FinishAsync(Make.Append(claim.Lease, 1, Make.Started()), Make.Finished());
        await home.Queue.EnqueueAsync(Make.Request("m5", replaces: first));
        var last = await ClaimAsync(home);
        Assert.Empty(last.Conversation);
        var messages = (await home.Log.SnapshotAsync(Session)).Data.Messages;
        Assert.Equal(
            [last.Lease.RunId, last.Lease.RunId, last.Lease.RunId, last.Lease.RunId, null], messages.Select(message => message.ReplacedBy));
    }

    [Fact]
    public async Task Claim_AfterAnInterruptingMessage_TellsWhichTurnWasAskedForFirst()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        var first = await home.Queue.EnqueueAsync(Make.Request("m1"));
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        var interrupted = (await ClaimAsync(home)).Lease;
        var interrupting = await home.Queue.EnqueueAsync(Make.Request("m3", onBusy: OnBusy.Interrupt));
        await home.Queue.FinishAsync(Make.Append(interrupted, 1), Make.Finished(RunStatus.Cancelled));
        await home.Queue.FinishAsync(Make.Append((await ClaimAsync(home)).Lease, 1), Make.Finished());

        // Also where the turns come from what a journal or a cache was folded to.
        await home.RetainAsync();
        await home.RestartAsync();

        Assert.Equal([first.Seq, interrupting.Seq], (await ClaimAsync(home)).Conversation.Select(turn => turn.Seq));
    }

    [Fact]
    public async Task Claim_LongConversation_ForgetsTheOldestTurns()
    {
        await using var home = await OpenAsync(new MessagingOptions { ConversationBytes = 2 * ("text of m1".Length + 10) });
        foreach (var id in (string[])["m1", "m2", "m3"])
        {
            await FinishedRunAsync(home, id, checkpoint: "0123456789");
        }

        await home.Queue.EnqueueAsync(Make.Request("m4"));

        Assert.Equal(["text of m2", "text of m3"], (await ClaimAsync(home)).Conversation.Select(turn => turn.Message));
    }

    [Fact]
    public async Task Claim_TurnThatIsLargerThanTheWholeConversation_IsKeptAlone()
    {
        await using var home = await OpenAsync(new MessagingOptions { ConversationBytes = 100, ReplayWindow = TimeSpan.Zero });
        await FinishedRunAsync(home, "m1", checkpoint: "small");
        await FinishedRunAsync(home, "m2", checkpoint: new string('x', 200));
        await home.RetainAsync();
        await home.RestartAsync();
        await home.Queue.EnqueueAsync(Make.Request("m3"));

        var claim = await ClaimAsync(home);

        Assert.Equal(["text of m2"], claim.Conversation.Select(turn => turn.Message));

        // It gives way to the next.
        await home.Queue.FinishAsync(Make.Append(claim.Lease, 1), Make.Finished());
        await home.Queue.EnqueueAsync(Make.Request("m4"));
        Assert.Equal(["text of m3"], (await ClaimAsync(home)).Conversation.Select(turn => turn.Message));
    }

    [Fact]
    public async Task Claim_WithoutRoomForAConversation_BringsNone()
    {
        await using var home = await OpenAsync(new MessagingOptions { ConversationBytes = 0 });
        await FinishedRunAsync(home, "m1", checkpoint: "c1");
        await home.Queue.EnqueueAsync(Make.Request("m2"));

        Assert.Empty((await ClaimAsync(home)).Conversation);
    }
}
