using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

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
