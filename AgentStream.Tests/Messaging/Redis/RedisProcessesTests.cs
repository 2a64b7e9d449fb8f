using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>Several processes on one Redis.</summary>
[Collection(RedisCollection.Name)]
public sealed class RedisProcessesTests(RedisServerFixture redis)
{
    [RedisFact]
    public async Task TwoProcesses_OneSession_SeeTheSameLog()
    {
        var prefix = redis.NewPrefix();
        await using var api = await RedisProcess.StartAsync(redis.Server, prefix);
        await using var worker = await RedisProcess.StartAsync(redis.Server, prefix);
        await using var there = api.Follow(default);
        await using var also = api.Follow(default);
        await using var here = worker.Follow(default);

        await api.Store.EnqueueAsync(Make.Request());
        var lease = (await worker.Store.ClaimAsync("w"))!.Lease;
        await worker.Store.AppendAsync(Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "a")));
        await Task.WhenAll(there.ReadThroughAsync(3), also.ReadThroughAsync(3), here.ReadThroughAsync(3));
        await worker.Store.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "b")));
        await Task.WhenAll(there.ReadThroughAsync(4), also.ReadThroughAsync(4), here.ReadThroughAsync(4));

        Assert.All([there, also, here], reader => Assert.Equal([1, 2, 3, 4], reader.Seen));

        // One subscription for each process, however many readers.
        Assert.Contains(
            ":2\r\n", await redis.Server.AskAsync("PUBSUB", "NUMSUB", $"{prefix}{{{Make.Session}}}:live"), StringComparison.Ordinal);
        Assert.Equal(
            LogJson.Of((await api.Store.SnapshotAsync(Make.Session)).Data),
            LogJson.Of((await worker.Store.SnapshotAsync(Make.Session)).Data));
    }

    [RedisFact]
    public async Task Messages_ThatGetLost_AreFoundByTheNextCheck()
    {
        await using var run = await FollowedRun.StartAsync(redis);
        await run.Api.GoDeafAsync();

        await run.Worker.Store.AppendAsync(Make.Append(run.Lease, 1, Make.Started(), Make.Delta(run.Lease, 1, "a")));
        await run.Api.Store.Feeds.CheckHeadsAsync(CancellationToken.None);

        await run.Reader.ReadThroughAsync(3);
        Assert.Equal([1, 2, 3], run.Reader.Seen);
    }

    [RedisFact]
    public async Task Subscription_ThatIsCutOff_ComesBackAndMissesNothing()
    {
        await using var run = await FollowedRun.StartAsync(redis);

        await redis.Server.AskAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await run.Worker.Store.AppendAsync(Make.Append(run.Lease, 1, Make.Started(), Make.Delta(run.Lease, 1, "a")));

        await run.Reader.ReadThroughAsync(3);
        Assert.Equal([1, 2, 3], run.Reader.Seen);
    }

    [RedisFact]
    public async Task Reader_ThatComesAsTheLastOneLeaves_HearsWhatComes()
    {
        // No check finds what it misses: either it hears, or the test waits for nothing.
        var prefix = redis.NewPrefix();
        await using var process = await RedisProcess.StartAsync(
            redis.Server, prefix, configure: options => options.CheckInterval = TimeSpan.FromMinutes(10));
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        var reader = process.Follow(default);
        for (var written = 1; written <= 100; written++)
        {
            await reader.ReadThroughAsync(written);
            await reader.DisposeAsync();
            reader = process.Follow(new Cursor(lease.Epoch, new Offset(written)));
            reader.Begin();
            await process.Store.AppendAsync(Make.Append(lease, written, Make.Delta(lease, 1, "a")));
        }

        await reader.ReadThroughAsync(101);
        Assert.Equal([101], reader.Seen);
        await reader.DisposeAsync();
    }

    [RedisFact]
    public async Task Tail_OfASessionThatSaysNothing_IsLetGo()
    {
        await using var run = await FollowedRun.StartAsync(redis);
        await run.Worker.Store.AppendAsync(Make.Append(run.Lease, 1, Make.Started(), Make.Delta(run.Lease, 1, "a")));
        await run.Reader.ReadThroughAsync(3);
        var feeds = run.Api.Store.Feeds;
        Assert.Equal(2, feeds.Entries);

        await feeds.CheckHeadsAsync(CancellationToken.None);
        await feeds.CheckHeadsAsync(CancellationToken.None);

        Assert.Equal(0, feeds.Entries);
        await using var late = run.Api.Follow(default);
        await late.ReadThroughAsync(3);
        await run.Worker.Store.AppendAsync(Make.Append(run.Lease, 2, Make.Delta(run.Lease, 1, "b")));
        await Task.WhenAll(run.Reader.ReadThroughAsync(4), late.ReadThroughAsync(4));
        Assert.Equal([1, 2, 3, 4], run.Reader.Seen);
        Assert.Equal([1, 2, 3, 4], late.Seen);
        Assert.Equal(1, feeds.Entries);
    }

    [RedisFact]
    public async Task Messages_WithAHole_AreFilledFromTheStream()
    {
        await using var run = await FollowedRun.StartAsync(redis);

        // More than a message may carry: it is announced only.
        await run.Worker.Store.AppendAsync(Make.Append(run.Lease, 1, Make.Delta(run.Lease, 1, new string('x', 2 << 20))));
        await run.Worker.Store.AppendAsync(Make.Append(run.Lease, 2, Make.Delta(run.Lease, 1, "y")));

        await run.Reader.ReadThroughAsync(3);
        Assert.Equal([1, 2, 3], run.Reader.Seen);
    }

    [RedisFact]
    public async Task Cancel_InOneProcess_IsHeardInTheOther()
    {
        var prefix = redis.NewPrefix();
        await using var api = await RedisProcess.StartAsync(redis.Server, prefix);
        await using var worker = await RedisProcess.StartAsync(redis.Server, prefix);
        await api.Store.EnqueueAsync(Make.Request());
        var lease = (await worker.Store.ClaimAsync("w"))!.Lease;
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        await using var signals = worker.Store.ListenAsync(patience.Token).GetAsyncEnumerator();

        // The first signal says that it listens.
        Assert.True(await signals.MoveNextAsync());
        Assert.Equal(CancelStatus.Requested, (await api.Store.CancelAsync(Make.Session, null, "client")).Status);
        while (signals.Current is not CancelSignal)
        {
            Assert.True(await signals.MoveNextAsync());
        }

        Assert.Equal(new CancelSignal(Make.Session, lease.RunId), signals.Current);
    }

    [RedisFact]
    public async Task Run_OfAWorkerThatIsGone_IsFoundAndTakenOverByAnother()
    {
        var prefix = redis.NewPrefix();
        var messaging = new MessagingOptions { LeaseDuration = TimeSpan.FromSeconds(1) };
        await using var gone = await RedisProcess.StartAsync(redis.Server, prefix, messaging);
        await using var other = await RedisProcess.StartAsync(
            redis.Server, prefix, messaging, configure: options => options.LookInterval = TimeSpan.FromMilliseconds(250));
        await gone.Store.EnqueueAsync(Make.Request());
        var lost = (await gone.Store.ClaimAsync("gone"))!.Lease;
        using var patience = new CancellationTokenSource(TestTimeouts.Default);

        RunClaim? claim = null;
        await foreach (var _ in other.Store.ListenAsync(patience.Token))
        {
            claim = await other.Store.ClaimAsync("other");
            if (claim is not null)
            {
                break;
            }
        }

        Assert.Equal((lost.RunId, 2), (claim!.Lease.RunId, claim.Attempt));
        Assert.Equal(AppendStatus.LeaseLost, (await gone.Store.AppendAsync(Make.Append(lost, 1, Make.Started()))).Status);
    }

    [RedisFact]
    public async Task Work_ThatTheIndexLost_IsFoundBySweeping()
    {
        await using var server = await RedisServer.StartAsync();
        await using var api = await RedisProcess.StartAsync(server, "agentstream:a:");
        await api.Store.EnqueueAsync(Make.Request());
        await server.AskAsync("DEL", "agentstream:a:work");
        await using var worker = await RedisProcess.StartAsync(
            server, "agentstream:a:", configure: options => options.LookInterval = TimeSpan.FromMilliseconds(250));
        Assert.Null(await worker.Store.ClaimAsync("w"));
        using var patience = new CancellationTokenSource(TestTimeouts.Default);

        RunClaim? claim = null;
        await foreach (var _ in worker.Store.ListenAsync(patience.Token))
        {
            claim = await worker.Store.ClaimAsync("w");
            if (claim is not null)
            {
                break;
            }
        }

        Assert.NotNull(claim);
    }

    [RedisFact]
    public async Task Sessions_ManyWorkersAtOnce_EachRunHasOneOwner()
    {
        var prefix = redis.NewPrefix();
        await using var api = await RedisProcess.StartAsync(redis.Server, prefix);
        await using var first = await RedisProcess.StartAsync(redis.Server, prefix);
        await using var second = await RedisProcess.StartAsync(redis.Server, prefix);
        var sessions = Enumerable.Range(0, 30).Select(i => SessionId.Parse($"many-{i}")).ToList();
        await Task.WhenAll(sessions.SelectMany(
            session => (string[])["m1", "m2"], (session, id) => api.Store.EnqueueAsync(Make.Request(id, session)).AsTask()));

        var ended = await Task.WhenAll(new[] { first, second, first, second }.Select(async worker =>
        {
            var mine = new List<RunId>();
            while (await worker.Store.ClaimAsync("w") is { } claim)
            {
                Assert.Equal(
                    AppendStatus.Appended,
                    (await worker.Store.FinishAsync(Make.Append(claim.Lease, 1, Make.Started()), Make.Finished())).Status);
                mine.Add(claim.Lease.RunId);
            }

            return mine;
        }));

        var all = ended.SelectMany(runs => runs).ToList();
        Assert.Equal(60, all.Count);
        Assert.Equal(60, all.Distinct().Count());
        foreach (var session in sessions)
        {
            Assert.Equal(new Offset(6), (await api.Store.GetHeadAsync(session)).LastSeq);
        }
    }

    /// <summary>A run that one process has under way and another follows.</summary>
    private sealed class FollowedRun(RedisProcess api, RedisProcess worker, RunLease lease) : IAsyncDisposable
    {
        public RedisProcess Api => api;

        public RedisProcess Worker => worker;

        public RunLease Lease => lease;

        public SessionFollower Reader { get; } = api.Follow(default);

        public static async Task<FollowedRun> StartAsync(RedisServerFixture redis)
        {
            var prefix = redis.NewPrefix();
            var (api, worker) = (await RedisProcess.StartAsync(redis.Server, prefix), await RedisProcess.StartAsync(redis.Server, prefix));
            await worker.Store.EnqueueAsync(Make.Request());
            var run = new FollowedRun(api, worker, (await worker.Store.ClaimAsync("w"))!.Lease);
            await run.Reader.ReadThroughAsync(1);
            return run;
        }

        public async ValueTask DisposeAsync()
        {
            await Reader.DisposeAsync();
            await worker.DisposeAsync();
            await api.DisposeAsync();
        }
    }
}
