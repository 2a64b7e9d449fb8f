using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using FsCheck.Fluent;

namespace AgentStream.Tests.Messaging.Contract;

/// <content>What a worker writes.</content>
public abstract partial class SessionStoreContract
{
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

        Assert.Equal((lost.RunId, 2, 2), (next.Lease.RunId, next.Attempt, next.ClaimNumber));
        Assert.True(next.Lease.Token.Value > lost.Token.Value);
        Assert.Equal(AppendStatus.LeaseLost, (await home.Log.AppendAsync(Make.Append(lost, 2, Make.Delta(lost, 1, "late")))).Status);
        Assert.Equal(AppendStatus.LeaseLost, (await home.Queue.FinishAsync(Make.Append(lost, 2), Make.Finished())).Status);
        Assert.False((await home.Queue.RenewAsync(lost)).Held);
        Assert.False(await home.Queue.ReleaseAsync(lost));
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
        Assert.Equal(
            ["run_queued", "run_started", "run_finished"],
            (await home.Log.ReadAsync(Session, default, 10)).Entries.Select(entry => entry.Event.Type));
    }
}
