using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>Runs that are to end, and who hears of it.</content>
public abstract partial class SessionStoreContract
{
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
        Assert.Equal(
            AppendStatus.CancelRequested,
            (await home.Log.AppendAsync(Make.Append(lease, 1) with { RefuseIfCancelRequested = true })).Status);
        Assert.Equal(
            new AppendResult(AppendStatus.Appended, new Offset(3), true),
            await home.Log.AppendAsync(Make.Append(lease, 1, Make.Delta(lease, 1, "cut"))));
        Assert.Equal(
            AppendStatus.CancelRequested, (await home.Queue.FinishAsync(Make.Append(lease, 2), Make.Finished(RunStatus.Failed))).Status);
        await home.AdvanceAsync(lease.Duration);
        var next = await ClaimAsync(home);
        Assert.True(next.CancelRequested);
        Assert.Equal(
            AppendStatus.Appended, (await home.Queue.FinishAsync(Make.Append(next.Lease, 1), Make.Finished(RunStatus.Cancelled))).Status);
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
    public async Task ListLive_OfRunsOfSeveralOwners_NamesThoseThatAreNotOver()
    {
        await using var home = await OpenAsync();
        await FinishedRunAsync(home, "m1");
        var (first, second) = (SessionId.Parse("a"), SessionId.Parse("b"));
        await home.Queue.EnqueueAsync(Make.Request("m1", first));
        var asking = (await ClaimAsync(home)).Lease;
        await home.Queue.ParkAsync(Make.Park(asking, 1, Make.Question(asking, 0, home.Now + Hour)));
        var queued = await home.Queue.EnqueueAsync(Make.Request("m2", first) with { QueuedAt = home.Now });
        var other = PrincipalId.Parse("key:other");
        await home.Queue.EnqueueAsync(Make.Request("m1", second) with { Owner = other });
        var running = (await ClaimAsync(home)).Lease;
        await home.Queue.CancelAsync(second, running.RunId, "administrator");

        var page = await home.Queue.ListLiveAsync(new LiveRunQuery());

        (SessionId, RunId, PrincipalId, MessageStatus, string?, int?, bool)[] expected =
        [
            (first, asking.RunId, PrincipalId.Anonymous, MessageStatus.Waiting, "worker", 1, false),
            (first, queued.RunId, PrincipalId.Anonymous, MessageStatus.Queued, null, null, false),
            (second, running.RunId, other, MessageStatus.Running, "worker", 1, true),
        ];
        Assert.Equal(
            expected,
            page.Runs.Select(run => (run.SessionId, run.RunId, run.Owner, run.Status, run.Worker, run.Attempt, run.CancelRequested)));
        Assert.All(page.Runs, run => Assert.Equal(("assistant", true), (run.AgentName, run.Since is not null)));
        Assert.Null(page.Next);
        var firstPage = await home.Queue.ListLiveAsync(new LiveRunQuery { Sessions = 1 });
        Assert.Equal((2, (SessionId?)first), (firstPage.Runs.Count, firstPage.Next));
        var lastPage = await home.Queue.ListLiveAsync(new LiveRunQuery { Sessions = 1, After = firstPage.Next });
        Assert.Equal(running.RunId, Assert.Single(lastPage.Runs).RunId);
        Assert.Null(lastPage.Next);
        await home.RestartAsync();
        Assert.Equal(3, (await home.Queue.ListLiveAsync(new LiveRunQuery())).Runs.Count);
    }

    [Fact]
    public async Task ListLive_OfOneOwner_HasTitlesAndQuestions_AndNothingOfOthers()
    {
        await using var home = await OpenAsync();
        var (first, second, third) = (SessionId.Parse("a"), SessionId.Parse("b"), SessionId.Parse("c"));
        var other = PrincipalId.Parse("key:other");
        await home.Queue.EnqueueAsync(Make.Request("m1", first));
        var asking = (await ClaimAsync(home)).Lease;
        var question = Make.Question(asking, 0, home.Now + Hour);
        await home.Queue.ParkAsync(Make.Park(asking, 1, question));
        await home.Queue.EnqueueAsync(Make.Request("m1", second) with { Owner = other });
        var running = (await ClaimAsync(home)).Lease;
        await home.Queue.EnqueueAsync(Make.Request("m1", third) with { Owner = other });

        var own = Assert.Single((await home.Queue.ListLiveAsync(new LiveRunQuery { Owner = PrincipalId.Anonymous })).Runs);
        var others = await home.Queue.ListLiveAsync(new LiveRunQuery { Owner = other });
        var all = await home.Queue.ListLiveAsync(new LiveRunQuery());

        Assert.Equal((first, asking.RunId, MessageStatus.Waiting), (own.SessionId, own.RunId, own.Status));
        Assert.NotEqual("", own.Title);
        Assert.NotNull(own.Title);
        Assert.Equal([question.ToolCallId], own.Approvals!.Select(approval => approval.ToolCallId));
        Assert.Null(own.LeaseUntil);
        Assert.Equal([second, third], others.Runs.Select(run => run.SessionId));
        Assert.Equal(running.RunId, others.Runs[0].RunId);
        Assert.True(others.Runs[0].LeaseUntil > home.Now);
        Assert.Null(others.Runs[1].LeaseUntil);
        Assert.Equal(3, all.Runs.Count);
        Assert.All(all.Runs, run => Assert.True(run is { Title: null, Approvals: null }, "Nothing of what was said is for others."));
        var page = await home.Queue.ListLiveAsync(new LiveRunQuery { Owner = other, Sessions = 1 });
        Assert.Equal(second, page.Next);
        Assert.Empty((await home.Queue.ListLiveAsync(new LiveRunQuery { Owner = PrincipalId.Parse("key:nobody") })).Runs);
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
}
