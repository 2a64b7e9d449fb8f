using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>Messages on their way into a session.</content>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task Enqueue_FirstMessage_BringsTheSessionIntoBeing()
    {
        await using var home = await OpenAsync();
        var fresh = await home.Log.GetHeadAsync(Session);

        var result = await home.Queue.EnqueueAsync(Make.Request());

        var head = await home.Log.GetHeadAsync(Session);
        Assert.False(fresh.Exists);
        Assert.Equal((EnqueueStatus.Accepted, new Offset(1)), (result.Status, result.Seq));
        Assert.Equal((fresh.Epoch, new Offset(1), PrincipalId.Anonymous, "text of m1"), (head.Epoch, head.LastSeq, head.Owner, head.Title));
        var entry = Assert.Single((await home.Log.ReadAsync(Session, default, 10)).Entries);
        Assert.Equal(0, Assert.IsType<RunQueued>(entry.Event).Position);
    }

    [Fact]
    public async Task Enqueue_FirstMessagesOfTwoOwnersAtOnce_OneOwnsTheSessionAndTheOtherIsRefused()
    {
        await using var home = await OpenAsync();
        PrincipalId[] owners = [.. Enumerable.Range(0, 8).Select(i => PrincipalId.Parse($"owner-{i}"))];

        var results = await Task.WhenAll(
            owners.Select((owner, i) => home.Queue.EnqueueAsync(Make.Request($"m{i}") with { Owner = owner }).AsTask()));

        var head = await home.Log.GetHeadAsync(Session);
        Assert.Equal(owners[Array.FindIndex(results, result => result.Status == EnqueueStatus.Accepted)], head.Owner);
        Assert.Equal(owners.Length - 1, results.Count(result => result.Status == EnqueueStatus.NotOwner));
        Assert.Equal(new Offset(1), head.LastSeq);
    }

    [Fact]
    public async Task Change_AskedForByAnotherThanTheOwner_IsNotMade_AndByTheOwnerItIs()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        var (owner, stranger) = (PrincipalId.Anonymous, PrincipalId.Parse("stranger"));
        var answer = new ApprovalAnswer
        {
            SessionId = Session,
            RunId = claim.Lease.RunId,
            ToolCallId = question.ToolCallId,
            Approved = true,
            By = "somebody",
            Owner = stranger,
        };
        var before = await home.Log.GetHeadAsync(Session);

        Assert.False(await home.Log.RenameAsync(Session, "theirs", stranger));
        Assert.Equal(AnswerStatus.NotFound, (await home.Queue.AnswerAsync(answer)).Status);
        Assert.Equal(CancelStatus.NotFound, (await home.Queue.CancelAsync(Session, null, "client", stranger)).Status);
        Assert.Equal(CancelStatus.NotFound, (await home.Queue.CancelAsync(Session, claim.Lease.RunId, "client", stranger)).Status);
        Assert.False(await home.Log.EraseAsync(Session, stranger));

        Assert.Equal(before, await home.Log.GetHeadAsync(Session));
        Assert.Empty(await home.Erasures.FindAsync([Session]));
        Assert.True(await home.Log.RenameAsync(Session, "mine", owner));
        Assert.Equal(AnswerStatus.Accepted, (await home.Queue.AnswerAsync(answer with { Owner = owner })).Status);
        Assert.NotEqual(CancelStatus.NotFound, (await home.Queue.CancelAsync(Session, null, "client", owner)).Status);
        Assert.True(await home.Log.EraseAsync(Session, owner));
    }

    [Fact]
    public async Task Enqueue_ByAnotherThanTheOwner_IsRefusedWhateverItSays()
    {
        await using var home = await OpenAsync();
        var request = Make.Request();
        await home.Queue.EnqueueAsync(request);

        var stranger = PrincipalId.Parse("stranger");
        var next = await home.Queue.EnqueueAsync(Make.Request("m2") with { Owner = stranger });
        var same = await home.Queue.EnqueueAsync(request with { Owner = stranger });

        Assert.Equal((EnqueueStatus.NotOwner, EnqueueStatus.NotOwner), (next.Status, same.Status));
        Assert.Equal(new Offset(1), (await home.Log.GetHeadAsync(Session)).LastSeq);
    }

    [Fact]
    public async Task Enqueue_SameMessageAgain_StartsNothingTwice()
    {
        await using var home = await OpenAsync();
        var request = Make.Request();
        var first = await home.Queue.EnqueueAsync(request);

        var again = await home.Queue.EnqueueAsync(request with { RunId = RunId.New(), Traceparent = "00-other" });
        var other = await home.Queue.EnqueueAsync(request with { RunId = RunId.New(), Message = "another" });

        Assert.Equal((EnqueueStatus.Duplicate, first.RunId, first.Seq), (again.Status, again.RunId, again.Seq));
        Assert.Equal(EnqueueStatus.Conflict, other.Status);
        Assert.Equal(new Offset(1), (await home.Log.GetHeadAsync(Session)).LastSeq);
    }

    [Fact]
    public async Task Find_SaysWhatBecameOfAMessageAndTakesNothing()
    {
        await using var home = await OpenAsync();
        var request = Make.Request();

        var unknown = await home.Queue.FindAsync(request);
        var head = await home.Log.GetHeadAsync(Session);
        var taken = await home.Queue.EnqueueAsync(request);
        var known = await home.Queue.FindAsync(request with { RunId = RunId.New() });
        var other = await home.Queue.FindAsync(request with { RunId = RunId.New(), Message = "another" });
        var next = await home.Queue.FindAsync(Make.Request("m2"));
        var theirs = await home.Queue.FindAsync(request with { RunId = RunId.New(), Owner = PrincipalId.Parse("else") });

        Assert.Equal((null, false), (unknown, head.Exists));
        Assert.Equal(new EnqueueResult(EnqueueStatus.Duplicate, taken.RunId, taken.Seq), known);
        Assert.Equal(EnqueueStatus.Conflict, other?.Status);
        Assert.Null(next);
        Assert.Null(theirs);
        Assert.Equal(new Offset(1), (await home.Log.GetHeadAsync(Session)).LastSeq);
    }

    [Fact]
    public async Task Enqueue_InPlaceOfARunThatIsNotThere_IsRefusedAndItsIdIsFree()
    {
        await using var home = await OpenAsync();
        var nobody = RunId.New();

        var first = await home.Queue.EnqueueAsync(Make.Request("m1", replaces: nobody));
        var exists = (await home.Log.GetHeadAsync(Session)).Exists;
        var taken = await home.Queue.EnqueueAsync(Make.Request("m1"));
        var later = await home.Queue.EnqueueAsync(Make.Request("m2", replaces: nobody));
        var replacing = await home.Queue.EnqueueAsync(Make.Request("m2", replaces: taken.RunId));

        Assert.Equal((EnqueueStatus.UnknownReplaced, false), (first.Status, exists));
        Assert.Equal(
            (EnqueueStatus.Accepted, EnqueueStatus.UnknownReplaced, EnqueueStatus.Accepted),
            (taken.Status, later.Status, replacing.Status));
    }

    [Fact]
    public async Task Enqueue_WithAHistory_KeepsItAndTellsItFromAnother()
    {
        await using var home = await OpenAsync();
        var request = Make.Request() with
        {
            History =
            [
                new HistoryMessage { Role = "user", Content = "früher" }, new HistoryMessage { Role = "assistant", Content = "yes" },
            ],
        };
        await home.Queue.EnqueueAsync(request);

        var again = await home.Queue.EnqueueAsync(
            request with { RunId = RunId.New(), History = [.. request.History!.Select(message => message with { })] });
        var other = await home.Queue.EnqueueAsync(
            request with { RunId = RunId.New(), History = [new HistoryMessage { Role = "user", Content = "else" }] });
        var none = await home.Queue.EnqueueAsync(request with { RunId = RunId.New(), History = null });
        var claim = await home.Queue.ClaimAsync("w");

        Assert.Equal((EnqueueStatus.Duplicate, EnqueueStatus.Conflict, EnqueueStatus.Conflict), (again.Status, other.Status, none.Status));
        Assert.Equal(request.History, claim!.Request.History);
    }

    [Fact]
    public async Task Enqueue_TwentyTimesAtOnce_IsAcceptedOnce()
    {
        await using var home = await OpenAsync();

        var results = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await home.Queue.EnqueueAsync(Make.Request()))));

        Assert.Single(results, result => result.Status == EnqueueStatus.Accepted);
        Assert.Single(results.Select(result => result.RunId).Distinct());
    }

    [Fact]
    public async Task Enqueue_RejectOnABusySession_IsRefusedAndItsIdIsFree()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));

        var rejected = await home.Queue.EnqueueAsync(Make.Request("m2", onBusy: OnBusy.Reject));
        var later = await home.Queue.EnqueueAsync(Make.Request("m2"));

        Assert.Equal(EnqueueStatus.Busy, rejected.Status);
        Assert.Equal(EnqueueStatus.Accepted, later.Status);
    }

    [Fact]
    public async Task Enqueue_MoreThanMayWait_IsRefused()
    {
        await using var home = await OpenAsync(new MessagingOptions { MaxQueuedRuns = 2 });
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        await home.Queue.EnqueueAsync(Make.Request("m2"));

        Assert.Equal(EnqueueStatus.QueueFull, (await home.Queue.EnqueueAsync(Make.Request("m3"))).Status);

        await ClaimAsync(home);
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m3"))).Status);
    }

    [Fact]
    public async Task Enqueue_Interrupt_CancelsTheRunningOneAndGoesFirst()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        var running = await ClaimAsync(home);

        var interrupting = await home.Queue.EnqueueAsync(Make.Request("m3", onBusy: OnBusy.Interrupt));

        var entries = (await home.Log.ReadAsync(Session, default, 10)).Entries;
        Assert.Equal(["run_queued", "run_queued", "cancel_requested", "run_queued"], entries.Select(entry => entry.Event.Type));
        Assert.Equal([0, 1, 1], entries.Select(entry => entry.Event).OfType<RunQueued>().Select(queued => queued.Position));
        Assert.Equal(AppendStatus.CancelRequested, (await home.Queue.FinishAsync(Make.Append(running.Lease, 1), Make.Finished())).Status);
        Assert.Equal(
            AppendStatus.Appended,
            (await home.Queue.FinishAsync(Make.Append(running.Lease, 1), Make.Finished(RunStatus.Cancelled))).Status);
        Assert.Equal(interrupting.RunId, (await ClaimAsync(home)).Lease.RunId);
    }
}
