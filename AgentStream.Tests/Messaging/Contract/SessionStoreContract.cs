using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>What every home of log and queue keeps.</summary>
public abstract partial class SessionStoreContract
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static SessionId Session => Make.Session;

    [Fact]
    public void AnyHistory_ComparedWithTheModel_IsTheSame()
    {
        var options = new MessagingOptions { ReplayWindow = TimeSpan.FromSeconds(3), MaxQueuedRuns = 4, ConversationBytes = 150, SnapshotMessages = 5 };
        var property = Prop.ForAll(HistoryStep.Histories(), steps => Task.Run(async () =>
        {
            await using var home = await OpenAsync(options);
            await using var runner = new HistoryRunner(home, options);
            await runner.RunAsync(steps);
        }).Wait(TimeSpan.FromMinutes(1)));

        property.Check(Config.QuickThrowOnFailure.WithMaxTest(Histories).WithQuietOnSuccess(true));
    }

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
    public async Task Enqueue_WithAHistory_KeepsItAndTellsItFromAnother()
    {
        await using var home = await OpenAsync();
        var request = Make.Request() with { History = [new HistoryMessage { Role = "user", Content = "früher" }, new HistoryMessage { Role = "assistant", Content = "yes" }] };
        await home.Queue.EnqueueAsync(request);

        var again = await home.Queue.EnqueueAsync(request with { RunId = RunId.New(), History = [.. request.History!.Select(message => message with { })] });
        var other = await home.Queue.EnqueueAsync(request with { RunId = RunId.New(), History = [new HistoryMessage { Role = "user", Content = "else" }] });
        var none = await home.Queue.EnqueueAsync(request with { RunId = RunId.New(), History = null });
        var claim = await home.Queue.ClaimAsync("w");

        Assert.Equal((EnqueueStatus.Duplicate, EnqueueStatus.Conflict, EnqueueStatus.Conflict), (again.Status, other.Status, none.Status));
        Assert.Equal(request.History, claim!.Request.History);
    }

    [Fact]
    public async Task Transcript_OfSeveralRuns_HasTheUsageOfAll()
    {
        await using var home = await OpenAsync();
        for (var i = 1; i <= 2; i++)
        {
            await home.Queue.EnqueueAsync(Make.Request($"m{i}"));
            var lease = (await home.Queue.ClaimAsync("w"))!.Lease;
            await home.Queue.FinishAsync(
                Make.Append(lease, 1, Make.Started()),
                Make.Finished() with { Usage = new TokenUsage { InputTokens = 10, OutputTokens = i, TotalTokens = 10 + i, TokensPerSecond = 5, TimeToFirstTokenMs = 100 * i, Model = "m" } });
        }

        var page = await home.Log.ReadTranscriptAsync(Session, null, 1);
        var snapshot = await home.Log.SnapshotAsync(Session);

        Assert.True(page.HasMore);
        Assert.Equal(new TokenUsage { InputTokens = 20, OutputTokens = 3, TotalTokens = 23, TokensPerSecond = 5, TimeToFirstTokenMs = 150 }, page.Usage);
        Assert.Equal(page.Usage, snapshot.Data.Usage);
        Assert.Equal("m", page.Messages[0].Model);
    }

    [Fact]
    public async Task Enqueue_TwentyTimesAtOnce_IsAcceptedOnce()
    {
        await using var home = await OpenAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await home.Queue.EnqueueAsync(Make.Request()))));

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
        Assert.Equal(AppendStatus.Appended, (await home.Queue.FinishAsync(Make.Append(running.Lease, 1), Make.Finished(RunStatus.Cancelled))).Status);
        Assert.Equal(interrupting.RunId, (await ClaimAsync(home)).Lease.RunId);
    }

    [Fact]
    public async Task Claim_SeveralWorkers_OneRunOfASessionAtATimeInOrder()
    {
        await using var home = await OpenAsync();
        var first = await home.Queue.EnqueueAsync(Make.Request("m1"));
        var second = await home.Queue.EnqueueAsync(Make.Request("m2"));

        var claims = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(async () => await home.Queue.ClaimAsync($"w{i}"))));

        var claim = Assert.Single(claims.OfType<RunClaim>());
        Assert.Equal(first.RunId, claim.Lease.RunId);
        Assert.Equal((1, 1, false), (claim.Attempt, claim.Claim, claim.CancelRequested));
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
    public async Task Append_UnderTheLease_GetsContiguousOffsets()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;

        var first = await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "a"), Make.Delta(lease, 1, "b")));
        var second = await home.Log.AppendAsync(Make.Append(lease, 2, Make.Step(lease, 1, "ab")));

        Assert.Equal((new Offset(4), new Offset(5)), (first.LastOffset, second.LastOffset));
        var batch = await home.Log.ReadAsync(Session, new Cursor(lease.Epoch, new Offset(2)), 2);
        Assert.Equal([new Offset(3), new Offset(4)], batch.Entries.Select(entry => entry.Offset));
        Assert.StartsWith("""{"seq":3,"type":"step_delta","run_id":""", Make.Text(batch.Entries[0].Frame), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_SameNumberAgain_IsAnsweredAsTheFirstTimeAndWritesNothing()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        var append = Make.Append(lease, 1, Make.Started());

        var first = await home.Log.AppendAsync(append);
        var again = await home.Log.AppendAsync(append);
        await home.RestartAsync();
        var afterRestart = await home.Log.AppendAsync(append);

        Assert.Equal((first, first), (again, afterRestart));
        Assert.Equal(new Offset(2), (await home.Log.GetHeadAsync(Session)).LastSeq);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Append_NumberThatIsNotTheNext_HasLostTheLease(long sequence)
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started()));
        await home.Log.AppendAsync(Make.Append(lease, 2));

        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lease, sequence, Make.Delta(lease, 1, "x")))).Status);
        Assert.Equal(new Offset(2), (await home.Log.GetHeadAsync(Session)).LastSeq);
    }

    [Fact]
    public async Task Append_LifeCycleEvent_IsAnArgumentError()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;

        await Assert.ThrowsAsync<ArgumentException>(async () => await home.Log.AppendAsync(Make.Append(lease, 1, Make.Finished())));
    }

    [Fact]
    public async Task Append_AfterAnotherWorkerHasClaimed_IsRefused()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lost = (await ClaimAsync(home)).Lease;
        await home.AdvanceAsync(lost.Duration);

        // Run out, but nobody has taken it: still the newest.
        Assert.Equal(AppendStatus.Appended, (await home.Log.AppendAsync(Make.Append(lost, 1, Make.Started()))).Status);
        var next = await ClaimAsync(home);

        Assert.Equal((lost.RunId, 2, 2), (next.Lease.RunId, next.Attempt, next.Claim));
        Assert.True(next.Lease.Token.Value > lost.Token.Value);
        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lost, 2, Make.Delta(lost, 1, "late")))).Status);
        Assert.Equal(AppendStatus.LeaseLost, (await home.Queue.FinishAsync(Make.Append(lost, 2), Make.Finished())).Status);
        Assert.False((await home.Queue.RenewAsync(lost)).Held);
        Assert.False(await home.Queue.ReleaseAsync(lost));
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

        Assert.Equal((1, 2), (next.Attempt, next.Claim));
        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lease, 1))).Status);
    }

    [Fact]
    public async Task Claim_OfALostRun_BringsCheckpointsAndWhatTheyDoNotCover()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "Let me "), Make.Delta(lease, 1, "think"), Make.Delta(lease, 4, "open")));
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Step(lease, 1, "Let me think")) with { Checkpoint = Make.Bytes("one") });
        await home.Log.AppendAsync(Make.Append(lease, 3, Make.Step(lease, 2, "uncovered"), Make.Delta(lease, 3, "un"), Make.Delta(lease, 3, "finished")));
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

        Assert.Equal(["text of m1: c1", "text of m2: c2"], claim.Conversation.Select(turn => $"{turn.Message}: {string.Join(',', turn.Checkpoints.Select(Make.Text))}"));
        await home.Queue.FinishAsync(Make.Append(claim.Lease, 1, Make.Started()), Make.Finished());
        await home.Queue.EnqueueAsync(Make.Request("m5", replaces: first));
        var last = await ClaimAsync(home);
        Assert.Empty(last.Conversation);
        var messages = (await home.Log.SnapshotAsync(Session)).Data.Messages;
        Assert.Equal([last.Lease.RunId, last.Lease.RunId, last.Lease.RunId, last.Lease.RunId, null], messages.Select(message => message.ReplacedBy));
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
    public async Task Finish_Once_IsTheRunsLastWord()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        var last = Make.Append(lease, 1, Make.Started());

        var finished = await home.Queue.FinishAsync(last, Make.Finished());
        var again = await home.Queue.FinishAsync(last, Make.Finished());
        var late = await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "late")));
        var cancel = await home.Queue.CancelAsync(Session, lease.RunId, "client");

        Assert.Equal(finished, again);
        Assert.Equal((AppendStatus.LeaseLost, CancelStatus.AlreadyFinished), (late.Status, cancel.Status));
        Assert.Equal(["run_queued", "run_started", "run_finished"], (await home.Log.ReadAsync(Session, default, 10)).Entries.Select(entry => entry.Event.Type));
    }

    [Fact]
    public async Task Cancel_OfARunUnderWay_IsCertain()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;

        var cancelled = await home.Queue.CancelAsync(Session, null, "client");
        var again = await home.Queue.CancelAsync(Session, lease.RunId, "client");

        Assert.Equal((CancelStatus.Requested, CancelStatus.Requested, lease.RunId), (cancelled.Status, again.Status, cancelled.RunId));
        Assert.True((await home.Queue.RenewAsync(lease)).CancelRequested);
        Assert.Equal(AppendStatus.CancelRequested, (await home.Log.AppendAsync(Make.Append(lease, 1) with { RefuseIfCancelRequested = true })).Status);
        Assert.Equal(new AppendResult(AppendStatus.Appended, new Offset(3), true), await home.Log.AppendAsync(Make.Append(lease, 1, Make.Delta(lease, 1, "cut"))));
        Assert.Equal(AppendStatus.CancelRequested, (await home.Queue.FinishAsync(Make.Append(lease, 2), Make.Finished(RunStatus.Failed))).Status);
        await home.AdvanceAsync(lease.Duration);
        var next = await ClaimAsync(home);
        Assert.True(next.CancelRequested);
        Assert.Equal(AppendStatus.Appended, (await home.Queue.FinishAsync(Make.Append(next.Lease, 1), Make.Finished(RunStatus.Cancelled))).Status);
        Assert.Single((await home.Log.ReadAsync(Session, default, 10)).Entries, entry => entry.Event is CancelRequested);
    }

    [Fact]
    public async Task Cancel_OfARunThatWaits_EndsItAtOnce()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        var second = await home.Queue.EnqueueAsync(Make.Request("m2"));
        await ClaimAsync(home);

        var result = await home.Queue.CancelAsync(Session, second.RunId, "client");

        Assert.Equal(CancelStatus.Cancelled, result.Status);
        var last = (await home.Log.ReadAsync(Session, default, 10)).Entries[^1];
        Assert.Equal((second.RunId, RunStatus.Cancelled), (last.RunId, Assert.IsType<RunFinished>(last.Event).Status));
        Assert.Equal(CancelStatus.NotFound, (await home.Queue.CancelAsync(Session, RunId.New(), "client")).Status);
        Assert.Equal(CancelStatus.NotFound, (await home.Queue.CancelAsync(SessionId.Parse("none"), null, "client")).Status);
    }

    [Fact]
    public async Task Listen_WhileThingsHappen_TellsOfWorkAndCancels()
    {
        await using var home = await OpenAsync();
        using var stop = new CancellationTokenSource(Patience);
        await using var signals = home.Queue.ListenAsync(stop.Token).GetAsyncEnumerator();
        Assert.True(await signals.MoveNextAsync());
        var next = signals.MoveNextAsync();

        await home.Queue.EnqueueAsync(Make.Request());
        Assert.True(await next);
        Assert.IsType<WorkAvailable>(signals.Current);
        var lease = (await ClaimAsync(home)).Lease;
        await home.Queue.CancelAsync(Session, null, "client");

        while (await signals.MoveNextAsync() && signals.Current is not CancelSignal)
        {
        }

        Assert.Equal(new CancelSignal(Session, lease.RunId), signals.Current);
    }

    [Fact]
    public async Task Follow_FromTheBeginning_SeesWhatIsThereAndWhatComes()
    {
        await using var home = await OpenAsync();
        using var stop = new CancellationTokenSource(Patience);
        await using var batches = home.Log.FollowAsync(Session, default, stop.Token).GetAsyncEnumerator();
        var next = batches.MoveNextAsync();
        Assert.False(next.IsCompleted);

        await home.Queue.EnqueueAsync(Make.Request());
        Assert.True(await next);
        Assert.Equal([new Offset(1)], batches.Current.Entries.Select(entry => entry.Offset));
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started()));
        await home.Log.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "a"), Make.Delta(lease, 1, "b")));

        // A reader that was away gets what has gathered; a home may bring it a moment after its writer was answered.
        var gathered = new List<Offset>();
        while (gathered.Count < 3)
        {
            Assert.True(await batches.MoveNextAsync());
            gathered.AddRange(batches.Current.Entries.Select(entry => entry.Offset));
        }

        Assert.Equal([new Offset(2), new Offset(3), new Offset(4)], gathered);
    }

    [Fact]
    public async Task Follow_AThousandReaders_EachSeesEachEntryOnce()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());
        var lease = (await ClaimAsync(home)).Lease;
        using var stop = new CancellationTokenSource(Patience);
        var readers = Enumerable.Range(0, 1000).Select(_ => Task.Run(async () =>
        {
            var seen = new List<Offset>();
            await foreach (var batch in home.Log.FollowAsync(Session, default, stop.Token))
            {
                seen.AddRange(batch.Entries.Select(entry => entry.Offset));
                if (batch.Entries[^1].Event is RunFinished)
                {
                    break;
                }
            }

            return seen;
        })).ToArray();

        for (var i = 1; i <= 50; i++)
        {
            await home.Log.AppendAsync(Make.Append(lease, i, Make.Delta(lease, 1, $"{i} ")));
        }

        await home.Queue.FinishAsync(Make.Append(lease, 51), Make.Finished());

        var expected = Enumerable.Range(1, 52).Select(i => new Offset(i)).ToArray();
        Assert.All(await Task.WhenAll(readers), seen => Assert.Equal(expected, seen));
    }

    [Fact]
    public async Task Read_CursorThatCannotBeServed_SaysWhy()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.FromMinutes(1) });
        await FinishedRunAsync(home, "m1");
        var epoch = (await home.Log.GetHeadAsync(Session)).Epoch;

        async Task<ResyncReason?> ReasonAsync(Epoch? e, long after) => (await home.Log.ReadAsync(Session, new Cursor(e, new Offset(after)), 10)).Resync;

        Assert.Null(await ReasonAsync(epoch, 3));
        Assert.Null(await ReasonAsync(null, 3));
        Assert.Null(await ReasonAsync(Epoch.New(), 0));
        Assert.Equal(ResyncReason.Epoch, await ReasonAsync(Epoch.New(), 3));
        Assert.Equal(ResyncReason.Ahead, await ReasonAsync(epoch, 99));
        await home.AdvanceAsync(TimeSpan.FromMinutes(2));
        await home.RetainAsync();
        Assert.Equal(ResyncReason.Trimmed, await ReasonAsync(epoch, 1));
        Assert.Equal(ResyncReason.Trimmed, await ReasonAsync(null, 0));
        Assert.Null(await ReasonAsync(epoch, (await home.Log.GetHeadAsync(Session)).LastSeq.Value));
    }

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
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Step(lease, 1, "kept")) with { Checkpoint = Make.Bytes("one") });
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
    public async Task Snapshot_AskedForTwice_IsMadeOnce()
    {
        await using var home = await OpenAsync();
        await home.Queue.EnqueueAsync(Make.Request());

        var first = await home.Log.SnapshotAsync(Session);

        Assert.Same(first, await home.Log.SnapshotAsync(Session));
        await home.Log.RenameAsync(Session, "other");
        Assert.Equal("other", (await home.Log.SnapshotAsync(Session)).Data.Title);
    }

    [Fact]
    public async Task Transcript_MoreThanAPage_IsReadBackwards()
    {
        await using var home = await OpenAsync(new MessagingOptions { SnapshotMessages = 2 });
        foreach (var id in (string[])["m1", "m2", "m3", "m4", "m5"])
        {
            await FinishedRunAsync(home, id);
        }

        var snapshot = (await home.Log.SnapshotAsync(Session)).Data;
        var before = await home.Log.ReadTranscriptAsync(Session, snapshot.Messages[0].Seq, 2);
        var first = await home.Log.ReadTranscriptAsync(Session, before.Messages[0].Seq, 2);

        Assert.Equal(["m4", "m5"], snapshot.Messages.Select(message => message.MessageId.Value));
        Assert.Equal(["m2", "m3"], before.Messages.Select(message => message.MessageId.Value));
        Assert.Equal(["m1"], first.Messages.Select(message => message.MessageId.Value));
        Assert.Equal((true, true, false), (snapshot.HasMore, before.HasMore, first.HasMore));
    }

    [Fact]
    public async Task List_ManySessions_PagesByLastChangeAndOwner()
    {
        await using var home = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse($"s{i}"), message: $"Talk {i}"));
            await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("theirs")) with { Owner = PrincipalId.Parse("else") });
        await home.Log.RenameAsync(SessionId.Parse("s1"), "Renamed talk");
        var query = new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 2 };

        var first = await home.Log.ListAsync(query);
        await home.Queue.EnqueueAsync(Make.Request("m1", SessionId.Parse("new")));
        var second = await home.Log.ListAsync(query with { PageToken = first.Next });
        var third = await home.Log.ListAsync(query with { PageToken = second.Next });

        Assert.Equal(["s1", "s4", "s3", "s2", "s0"], first.Sessions.Concat(second.Sessions).Concat(third.Sessions).Select(session => session.SessionId.Value));
        Assert.Null(third.Next);
        Assert.Equal((1, true, "Renamed talk"), (first.Sessions[0].Messages, first.Sessions[0].Busy, first.Sessions[0].Title));
        Assert.Equal(["s1"], (await home.Log.ListAsync(query with { Search = "RENAMED" })).Sessions.Select(session => session.SessionId.Value));
        await Assert.ThrowsAsync<ArgumentException>(async () => await home.Log.ListAsync(query with { PageToken = "nonsense!" }));
    }

    [Fact]
    public async Task List_SessionsThatNobodyUsesAnyMore_IsTheSamePageByPage()
    {
        await using var home = await OpenAsync();
        for (var i = 0; i < 7; i++)
        {
            var session = SessionId.Parse($"s{i}");
            await home.Queue.EnqueueAsync(Make.Request("m1", session, message: $"Gespräch {i}"));
            await home.Queue.CancelAsync(session, null, "client");
            await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var query = new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 3 };
        var before = await ListAllAsync(home, query);
        await home.AdvanceAsync(TimeSpan.FromMinutes(10));
        await home.RetainAsync();
        Assert.Equal(before, await ListAllAsync(home, query));

        // One comes back between two pages: it is at the front, and nothing that did not change is skipped or repeated.
        var first = await home.Log.ListAsync(query);
        await home.Queue.EnqueueAsync(Make.Request("m2", SessionId.Parse("s1")));
        var rest = await ListAllAsync(home, query with { PageToken = first.Next });
        Assert.Equal(["s6", "s5", "s4"], first.Sessions.Select(session => session.SessionId.Value));
        Assert.Equal(["s3", "s2", "s0"], rest.Select(session => session.SessionId.Value));
        Assert.Equal((true, 2), (await home.Log.ListAsync(query)).Sessions[0] is var newest ? (newest.Busy, newest.Messages) : default);
        Assert.Equal(["s4"], (await ListAllAsync(home, query with { Search = "GESPRÄCH 4" })).Select(session => session.SessionId.Value));

        await home.RestartAsync();
        Assert.Equal(7, (await ListAllAsync(home, query)).Count);
        Assert.True(await home.Log.EraseAsync(SessionId.Parse("s3")));
        Assert.DoesNotContain(await ListAllAsync(home, query), session => session.SessionId == SessionId.Parse("s3"));

        static async Task<List<SessionSummary>> ListAllAsync(StoreHome home, SessionQuery query)
        {
            var all = new List<SessionSummary>();
            for (var next = query; next is not null;)
            {
                var page = await home.Log.ListAsync(next);
                all.AddRange(page.Sessions);
                next = page.Next is null ? null : next with { PageToken = page.Next };
            }

            return all;
        }
    }

    [Fact]
    public async Task Rename_OfNoSession_IsFalse()
    {
        await using var home = await OpenAsync();

        Assert.False(await home.Log.RenameAsync(Session, "x"));
    }

    /// <summary>How many histories are tried.</summary>
    protected virtual int Histories => 200;

    protected abstract Task<StoreHome> OpenAsync(MessagingOptions options);

    protected Task<StoreHome> OpenAsync() => OpenAsync(new MessagingOptions());

    private static async Task<RunClaim> ClaimAsync(StoreHome home)
    {
        var claim = await home.Queue.ClaimAsync("worker");
        Assert.NotNull(claim);
        return claim;
    }

    private static async Task<RunId> FinishedRunAsync(StoreHome home, string messageId, string? checkpoint = null, RunId? replaces = null)
    {
        await home.Queue.EnqueueAsync(Make.Request(messageId, replaces: replaces));
        var lease = (await ClaimAsync(home)).Lease;
        await home.Log.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "ans"), Make.Delta(lease, 1, "wer")));
        var last = Make.Append(lease, 2, Make.Step(lease, 1, "answer")) with { Checkpoint = checkpoint is null ? null : Make.Bytes(checkpoint) };
        await home.Queue.FinishAsync(last, Make.Finished());
        return lease.RunId;
    }
}
