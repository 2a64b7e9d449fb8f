using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>
/// A disk that has a write and says that it failed: the store goes on from what is there, and nobody waits for what has come.
/// </summary>
public sealed class DoubtfulWriteTests
{
    [Fact]
    public async Task Enqueue_OfANewSessionDenied_IsKnownWhenItComesAgain()
    {
        await using var home = new EmbeddedHome();
        home.Disk.DeniesNextWrite = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request("m1")));

        Assert.Equal(EnqueueStatus.Duplicate, (await home.Queue.EnqueueAsync(Make.Request("m1"))).Status);
        Assert.Equal(EnqueueStatus.Accepted, (await home.Queue.EnqueueAsync(Make.Request("m2"))).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Enqueue_Denied_IsClaimedThoughNobodySendsItAgain(bool isKnown)
    {
        await using var home = new EmbeddedHome();
        if (isKnown)
        {
            await home.Queue.EnqueueAsync(Make.Request("m1"));
            var lease = (await home.Queue.ClaimAsync("w1"))!.Lease;
            await home.Queue.FinishAsync(Make.Append(lease, 1), Make.Finished());
        }

        home.Disk.DeniesNextWrite = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.EnqueueAsync(Make.Request("m2")));

        Assert.Equal("m2", (await home.Queue.ClaimAsync("w1"))?.Request.MessageId.Value);
    }

    [Fact]
    public async Task Finish_Denied_IsShownToWhoFollows()
    {
        await using var home = new EmbeddedHome();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        var lease = (await home.Queue.ClaimAsync("w1"))!.Lease;
        await using var follower = home.Log.FollowAsync(Make.Session, new Cursor(null, new Offset(1))).GetAsyncEnumerator();
        var next = follower.MoveNextAsync().AsTask();
        home.Disk.DeniesNextWrite = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await home.Queue.FinishAsync(Make.Append(lease, 1), Make.Finished()));

        Assert.True(await next.WaitAsync(TestTimeouts.Default));
        Assert.Equal(new Offset(2), Assert.Single(follower.Current.Entries).Offset);
        Assert.Equal(new Offset(2), (await home.Queue.FinishAsync(Make.Append(lease, 1), Make.Finished())).LastOffset);
    }

    [Fact]
    public async Task Claim_Denied_IsMadeAgainWhenItsLeaseHasRunOut()
    {
        await using var home = new EmbeddedHome();
        await home.Queue.EnqueueAsync(Make.Request("m1"));
        home.Disk.DeniesNextWrite = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await home.Queue.ClaimAsync("w1"));

        Assert.Null(await home.Queue.ClaimAsync("w1"));
        await home.AdvanceAsync(TimeSpan.FromSeconds(11));

        Assert.Equal(2, (await home.Queue.ClaimAsync("w1"))?.Attempt);
    }
}
