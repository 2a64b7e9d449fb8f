using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>What every home keeps of runs that wait for people.</content>
public abstract partial class SessionStoreContract
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Park_WithAQuestion_NobodyCanHaveTheRunAndReadersSeeThatItWaits()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        await home.Queue.EnqueueAsync(Make.Request("m2"));

        await home.AdvanceAsync(TimeSpan.FromMinutes(30));

        Assert.Null(await home.Queue.ClaimAsync("w"));
        Assert.Equal(new RenewResult(false, false), await home.Queue.RenewAsync(claim.Lease));
        Assert.False(await home.Queue.ReleaseAsync(claim.Lease));
        Assert.Equal(
            AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(claim.Lease, 3, Make.Delta(claim.Lease, 1, "x")))).Status);
        var active = (await home.Log.SnapshotAsync(Session)).Data.ActiveRun;
        Assert.Equal(MessageStatus.Waiting, active?.Status);
        Assert.Equal(question.ToolCallId, Assert.Single(active!.PendingApprovals).ToolCallId);
        var page = await home.Log.ReadTranscriptAsync(Session, null, 1);
        Assert.Equal(
            (MessageStatus.Waiting, question.ToolCallId), (page.ActiveRun?.Status, page.ActiveRun?.PendingApprovals[0].ToolCallId));
    }

    [Fact]
    public async Task Park_SameNumberAgain_IsAnsweredAsTheFirstTime()
    {
        await using var home = await OpenAsync();
        var claim = await StartAsync(home);
        var park = Make.Park(claim.Lease, 1, Make.Question(claim.Lease, 0, home.Now + Hour));
        var first = await home.Queue.ParkAsync(park);

        var again = await home.Queue.ParkAsync(park);

        Assert.Equal(first, again);
        Assert.Single((await EventsAsync(home)).OfType<ToolApprovalRequired>());
    }

    [Fact]
    public async Task Park_WithoutAQuestion_OrAQuestionElsewhere_IsAnError()
    {
        await using var home = await OpenAsync();
        var claim = await StartAsync(home);
        var question = Make.Question(claim.Lease, 0, home.Now + Hour);

        await Assert.ThrowsAsync<ArgumentException>(async () => await home.Queue.ParkAsync(Make.Park(claim.Lease, 1, Make.Started())));
        await Assert.ThrowsAsync<ArgumentException>(async () => await home.Log.AppendAsync(Make.Append(claim.Lease, 1, question)));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await home.Log.AppendAsync(
                Make.Append(claim.Lease, 1, new ToolApprovalResolved { ToolCallId = question.ToolCallId, Approved = true, By = "me" })));
    }

    [Fact]
    public async Task Park_CancelWasAskedFor_IsRefused()
    {
        await using var home = await OpenAsync();
        var claim = await StartAsync(home);
        await home.Queue.CancelAsync(Session, null, "client");

        var parked = await home.Queue.ParkAsync(Make.Park(claim.Lease, 1, Make.Question(claim.Lease, 0, home.Now + Hour)));

        Assert.Equal(AppendStatus.CancelRequested, parked.Status);
        Assert.Equal(
            AppendStatus.Appended, (await home.Queue.FinishAsync(Make.Append(claim.Lease, 1), Make.Finished(RunStatus.Cancelled))).Status);
    }

    [Fact]
    public async Task Answer_TheLastOpenOne_PutsTheRunInFrontAndItsClaimBringsTheDecisions()
    {
        await using var home = await OpenAsync();
        var claim = await StartAsync(home);
        await home.Queue.EnqueueAsync(Make.Request("m2"));
        var first = Make.Question(claim.Lease, 0, home.Now + Hour, """{"text":"a"}""");
        var second = Make.Question(claim.Lease, 1, home.Now + Hour, """{"text":"b"}""");
        await home.Queue.ParkAsync(Make.Park(claim.Lease, 1, first, second));
        await home.AdvanceAsync(TimeSpan.FromMinutes(10));

        await home.Queue.AnswerAsync(Make.Answer(claim.Lease, second, approved: false) with { Reason = "not this" });
        Assert.Null(await home.Queue.ClaimAsync("w"));
        await home.Queue.AnswerAsync(Make.Answer(claim.Lease, first) with { Arguments = JsonElement.Parse("""{"text":"c"}""") });
        var next = await home.Queue.ClaimAsync("w");

        Assert.Equal((claim.Lease.RunId, 1, TimeSpan.FromMinutes(10)), (next!.Lease.RunId, next.Attempt, next.Parked));
        Assert.Equal(claim.FirstStartedAt, next.FirstStartedAt);
        Assert.Equal(["asked"], next.Checkpoints.Select(Make.Text));
        Assert.Equal([first.ToolCallId, second.ToolCallId], next.Approvals.Select(decision => decision.ToolCallId));
        Assert.Equal([true, false], next.Approvals.Select(decision => decision.Approved));
        Assert.Equal("""{"text":"c"}""", next.Approvals[0].Arguments?.GetRawText());
        Assert.Equal((true, null, "not this"), (next.Approvals[0].Edited, next.Approvals[1].Arguments, next.Approvals[1].Reason));
    }

    [Fact]
    public async Task Answer_WithTheResultOfAClientTool_IsKeptForTheNextClaim()
    {
        await using var home = await OpenAsync();
        var claim = await StartAsync(home);
        var call = Make.Question(claim.Lease, 0, home.Now + Hour, """{"text":"a"}""") with { ClientTool = true };
        var leave = Make.Question(claim.Lease, 1, home.Now + Hour, """{"text":"b"}""");
        await home.Queue.ParkAsync(Make.Park(claim.Lease, 1, Make.Started(), call, leave));
        var result = Make.Answer(claim.Lease, call) with { Result = "20 °C", IsError = true };

        Assert.Equal(AnswerStatus.WrongKind, (await home.Queue.AnswerAsync(Make.Answer(claim.Lease, call))).Status);
        Assert.Equal(
            AnswerStatus.WrongKind, (await home.Queue.AnswerAsync(Make.Answer(claim.Lease, leave) with { Result = "done" })).Status);
        Assert.Equal(true, (await home.Log.SnapshotAsync(Session)).Data.ActiveRun?.PendingApprovals[0].ClientTool);
        Assert.Equal(AnswerStatus.Accepted, (await home.Queue.AnswerAsync(result)).Status);
        Assert.Equal(
            AnswerStatus.AlreadyResolved, (await home.Queue.AnswerAsync(result with { Result = "another" })).Status);
        await home.Queue.AnswerAsync(Make.Answer(claim.Lease, leave, approved: false));
        await home.RestartAsync();
        var next = await home.Queue.ClaimAsync("w");

        Assert.Equal(("20 °C", true, true), (next!.Approvals[0].Result, next.Approvals[0].IsError, next.Approvals[0].Approved));
        Assert.Equal((null, null), (next.Approvals[0].Arguments, next.Approvals[1].Result));
    }

    [Fact]
    public async Task Answer_WithoutArguments_SaysThoseThatWereAskedFor()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home, """{"text":"Wört \"data\":{"}""");

        var answer = await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question) with { Reason = "\"arguments\":1" });

        Assert.Equal(AnswerStatus.Accepted, answer.Status);
        var said = Assert.Single((await EventsAsync(home)).OfType<ToolApprovalResolved>());
        Assert.Equal((true, null, "client", "\"arguments\":1"), (said.Approved, said.Edited, said.By, said.Reason));
        Assert.Equal("""Wört "data":{""", said.Arguments?.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Answer_TwentyAtOnce_OneCountsAndAllAreToldWhich()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            async () => await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question, approved: i % 2 == 0, by: $"client-{i}")))));

        var winner = Assert.Single(answers, answer => answer.Status == AnswerStatus.Accepted).Decision!;
        Assert.All(answers, answer => Assert.Equal((winner.By, winner.Approved), (answer.Decision!.By, answer.Decision.Approved)));
        Assert.Equal(winner.By, Assert.Single((await EventsAsync(home)).OfType<ToolApprovalResolved>()).By);
        Assert.Equal(winner.By, Assert.Single((await home.Queue.ClaimAsync("w"))!.Approvals).By);
    }

    [Fact]
    public async Task Answer_OfWhatWasNeverAsked_FindsNothing()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);

        foreach (var wrong in new[]
        {
            Make.Answer(claim.Lease, question) with { ToolCallId = ToolCallId.Parse("another") },
            Make.Answer(claim.Lease, question) with { RunId = RunId.New() },
            Make.Answer(claim.Lease, question) with { SessionId = SessionId.Parse("nobody") },
        })
        {
            Assert.Equal(
                (AnswerStatus.NotFound, null),
                ((await home.Queue.AnswerAsync(wrong)) is var result ? (result.Status, result.Decision) : default));
        }
    }

    [Fact]
    public async Task Expire_NobodyAnswered_IsSaidAndTheRunGoesOn()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        await home.AdvanceAsync(Hour);

        await home.ExpireAsync();

        var said = Assert.Single((await EventsAsync(home)).OfType<ToolApprovalResolved>());
        Assert.Equal((false, "expiry", true), (said.Approved, said.By, said.Expired));
        Assert.Equal(AnswerStatus.AlreadyResolved, (await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question))).Status);
        Assert.True(Assert.Single((await home.Queue.ClaimAsync("w"))!.Approvals).Expired);
    }

    [Fact]
    public async Task Answer_TooLate_IsToldThatItExpiredAndTheLogToo()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        await home.AdvanceAsync(Hour);

        var answer = await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question));

        Assert.Equal((AnswerStatus.AlreadyResolved, true), (answer.Status, answer.Decision!.Expired));
        Assert.True(Assert.Single((await EventsAsync(home)).OfType<ToolApprovalResolved>()).Expired);
        Assert.NotNull(await home.Queue.ClaimAsync("w"));
    }

    [Fact]
    public async Task Restart_WhileARunWaits_LosesNoQuestionAndNoExpiry()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        await home.RestartAsync();
        Assert.Null(await home.Queue.ClaimAsync("w"));

        await home.AdvanceAsync(Hour - TimeSpan.FromSeconds(1));
        await home.ExpireAsync();
        Assert.DoesNotContain(await EventsAsync(home), e => e is ToolApprovalResolved);
        await home.AdvanceAsync(TimeSpan.FromSeconds(1));
        await home.ExpireAsync();

        Assert.Equal(question.ToolCallId, Assert.Single((await home.Queue.ClaimAsync("w"))!.Approvals).ToolCallId);
        Assert.Equal(claim.Lease.RunId, (await home.Log.SnapshotAsync(Session)).Data.ActiveRun?.RunId);
    }

    [Fact]
    public async Task Restart_BetweenAnswerAndClaim_KeepsTheAnswer()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question));

        await home.RestartAsync();
        await home.RestartAsync();

        var next = await home.Queue.ClaimAsync("w");
        Assert.True(Assert.Single(next!.Approvals).Approved);
        await home.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 1), (await home.Queue.ClaimAsync("w") is { } lost ? (lost.Attempt, lost.Approvals.Count) : default));
    }

    [Fact]
    public async Task Cancel_OfARunThatWaits_EndsItAtOnceAsItsWorkerSaid()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);
        var second = await home.Queue.EnqueueAsync(Make.Request("m2"));

        var cancelled = await home.Queue.CancelAsync(Session, null, "client");

        Assert.Equal((CancelStatus.Cancelled, claim.Lease.RunId), (cancelled.Status, cancelled.RunId));
        var events = await EventsAsync(home);
        Assert.Equal(["tool_approval_resolved", "run_finished"], events.TakeLast(2).Select(e => e.Type));
        Assert.Equal((false, "client"), events.OfType<ToolApprovalResolved>().Single() is var said ? (said.Approved, said.By) : default);
        Assert.Equal((RunStatus.Cancelled, 1), events.OfType<RunFinished>().Single() is var end ? (end.Status, end.Iterations) : default);
        Assert.Equal(AnswerStatus.NotFound, (await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question))).Status);
        Assert.Equal(CancelStatus.AlreadyFinished, (await home.Queue.CancelAsync(Session, claim.Lease.RunId, "client")).Status);
        Assert.Equal(second.RunId, (await home.Queue.ClaimAsync("w"))!.Lease.RunId);
    }

    [Fact]
    public async Task Interrupt_OfARunThatWaits_EndsItAndGoesFirst()
    {
        await using var home = await OpenAsync();
        await ParkAsync(home);
        await home.Queue.EnqueueAsync(Make.Request("m2"));

        var interrupting = await home.Queue.EnqueueAsync(Make.Request("m3", onBusy: OnBusy.Interrupt));

        var events = await EventsAsync(home);
        Assert.Equal(["run_queued", "tool_approval_resolved", "run_finished", "run_queued"], events.TakeLast(4).Select(e => e.Type));
        Assert.Equal(0, ((RunQueued)events[^1]).Position);
        Assert.Equal(interrupting.RunId, (await home.Queue.ClaimAsync("w"))!.Lease.RunId);
    }

    [Fact]
    public async Task Enqueue_RejectWhereARunWaits_IsBusy()
    {
        await using var home = await OpenAsync();
        await ParkAsync(home);

        Assert.Equal(EnqueueStatus.Busy, (await home.Queue.EnqueueAsync(Make.Request("m2", onBusy: OnBusy.Reject))).Status);
    }

    [Fact]
    public async Task Erase_OfASessionThatWaits_LeavesNothingToAnswer()
    {
        await using var home = await OpenAsync();
        var (claim, question) = await ParkAsync(home);

        Assert.True(await home.Log.EraseAsync(Session));
        await home.AdvanceAsync(Hour);
        await home.ExpireAsync();

        Assert.Equal(AnswerStatus.NotFound, (await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question))).Status);
        Assert.False((await home.Log.GetHeadAsync(Session)).Exists);
    }

    [Fact]
    public async Task Retain_WhileARunWaits_KeepsTheSessionAndItsQuestion()
    {
        await using var home = await OpenAsync(new MessagingOptions { ReplayWindow = TimeSpan.FromSeconds(1) });
        await home.Queue.EnqueueAsync(Make.Request("m0"));
        var before = (await home.Queue.ClaimAsync("w"))!;
        await home.Queue.FinishAsync(Make.Append(before.Lease, 1), Make.Finished());
        var (claim, question) = await ParkAsync(home);

        await home.AdvanceAsync(TimeSpan.FromMinutes(10));
        await home.RetainAsync();
        await home.RetainAsync();

        Assert.Equal(AnswerStatus.Accepted, (await home.Queue.AnswerAsync(Make.Answer(claim.Lease, question))).Status);
        Assert.Equal(claim.Lease.RunId, (await home.Queue.ClaimAsync("w"))!.Lease.RunId);
    }

    private static async Task<RunClaim> StartAsync(StoreHome home)
    {
        await home.Queue.EnqueueAsync(Make.Request());
        return (await home.Queue.ClaimAsync("w"))!;
    }

    private static async Task<(RunClaim Claim, ToolApprovalRequired Question)> ParkAsync(StoreHome home, string? arguments = null)
    {
        var claim = await StartAsync(home);
        await home.Log.AppendAsync(Make.Append(claim.Lease, 1, Make.Started()));
        var question = Make.Question(claim.Lease, 0, home.Now + Hour, arguments);
        Assert.Equal(AppendStatus.Appended, (await home.Queue.ParkAsync(Make.Park(claim.Lease, 2, question))).Status);
        return (claim, question);
    }

    private static async Task<IReadOnlyList<SessionEvent>> EventsAsync(StoreHome home)
    {
        var head = await home.Log.GetHeadAsync(Session);
        return [
            .. (await home.Log.ReadAsync(Session, new Cursor(head.Epoch, head.TrimmedThrough), 1000)).Entries.Select(entry => entry.Event),
        ];
    }
}
