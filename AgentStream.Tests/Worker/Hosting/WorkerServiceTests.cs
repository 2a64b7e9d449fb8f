using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Worker.Hosting;

public sealed class WorkerServiceTests : IDisposable
{
    private readonly CancellationTokenSource _timeout = new(TestTimeouts.Default);
    private readonly HeldChatClient _client = new();

    [Fact]
    public async Task Run_TakenOverByItsOwnWorker_IsStillHeldAndCancelledByIt()
    {
        await using var home = new WorkerHome(_client);
        using var claims = new SemaphoreSlim(0);
        await home.Worker.StartAsync(_timeout.Token);
        await home.EnqueueAsync("s1");
        var first = await _client.AskedAsync(_timeout.Token);

        // A machine that slept: the lease ran out, and the same worker is the first to notice.
        home.Store.RenewalsFail = true;
        await home.AdvanceAsync(new MessagingOptions().LeaseDuration);
        await home.EnqueueAsync("s2");
        await _client.AskedAsync(_timeout.Token);
        await _client.AskedAsync(_timeout.Token);
        home.Store.RenewalsFail = false;
        home.Store.Claiming = () => claims.Release();

        // The first execution finds that it has lost, and its place is free again.
        first.Answer();
        await claims.WaitAsync(_timeout.Token);
        await home.Queue.CancelAsync(SessionId.Parse("s1"), null, "test", owner: null, _timeout.Token);

        Assert.Equal(RunStatus.Cancelled, (await home.FinishedAsync("s1", _timeout.Token)).Status);
        await home.Worker.StopAsync(new CancellationToken(true));
    }

    [Fact]
    public async Task Renewal_ThatComesBehindTheEndItself_DoesNotBreakTheEndOff()
    {
        await using var home = new WorkerHome(_client);
        var (written, heard) = (new TaskCompletionSource<CancellationToken>(), new TaskCompletionSource());
        home.Store.Finished = token =>
        {
            written.SetResult(token);
            return heard.Task;
        };
        using var renewals = new SemaphoreSlim(0);
        home.Store.Renewed = result => _ = result.Held ? 0 : renewals.Release();
        await home.Worker.StartAsync(_timeout.Token);
        await home.EnqueueAsync("s1");
        (await _client.AskedAsync(_timeout.Token)).Answer();
        var end = await written.Task.WaitAsync(_timeout.Token);

        // The second round of renewals begins when the first has been dealt with.
        await home.AdvanceAsync(new MessagingOptions().LeaseDuration / 3);
        await renewals.WaitAsync(_timeout.Token);
        await home.AdvanceAsync(new MessagingOptions().LeaseDuration / 3);
        await renewals.WaitAsync(_timeout.Token);

        Assert.False(end.IsCancellationRequested);
        heard.SetResult();
        await home.Worker.StopAsync(_timeout.Token);
    }

    [Fact]
    public async Task Stop_OneRunEndsAndAnotherDoesNot_GivesTheOtherBack()
    {
        await using var home = new WorkerHome(_client);
        await home.Worker.StartAsync(_timeout.Token);
        await home.EnqueueAsync("s1");
        var first = await _client.AskedAsync(_timeout.Token);
        await home.EnqueueAsync("s2");
        await _client.AskedAsync(_timeout.Token);

        using var grace = new CancellationTokenSource();
        var stop = home.Worker.StopAsync(grace.Token);
        first.Answer();
        Assert.Equal(RunStatus.Completed, (await home.FinishedAsync("s1", _timeout.Token)).Status);
        await grace.CancelAsync();
        await stop;

        var claim = await home.Queue.ClaimAsync("another", _timeout.Token);
        Assert.Equal((SessionId.Parse("s2"), 1), (claim?.Lease.SessionId, claim?.Attempt));
    }

    [Fact]
    public async Task Stop_WhileARunIsBeingClaimed_GivesItBack()
    {
        await using var home = new WorkerHome(_client);
        var claimed = new TaskCompletionSource<RunClaim>();
        var answered = new TaskCompletionSource();
        home.Store.Claimed = claim =>
        {
            claimed.SetResult(claim);
            return answered.Task;
        };
        await home.Worker.StartAsync(_timeout.Token);
        await home.EnqueueAsync("s1");
        var taken = await claimed.Task.WaitAsync(_timeout.Token);

        var stop = home.Worker.StopAsync(_timeout.Token);
        answered.SetResult();
        await stop;

        Assert.Equal(taken.Lease.RunId, (await home.Queue.ClaimAsync("another", _timeout.Token))?.Lease.RunId);
    }

    public void Dispose() => _timeout.Dispose();
}
