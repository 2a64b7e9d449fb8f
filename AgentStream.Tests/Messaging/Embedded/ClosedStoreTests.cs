using AgentStream.Messaging;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Telemetry;
using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Messaging.Embedded;

/// <summary>Whoever comes to a store that has gone, or is just going, is told that it can't be reached, and nothing else.</summary>
public sealed class ClosedStoreTests
{
    /// <summary>A session in memory, and one that has to be looked for on disk.</summary>
    private static readonly SessionId[] Sessions = [Make.Session, SessionId.Parse("other")];

    /// <summary>What needs no disk, and may answer.</summary>
    private static readonly string[] FromMemory =
    [
        nameof(IRunQueue.ListenAsync), nameof(IOwnerBook.RunsAsync), nameof(IOwnerBook.TrySetRunsAsync),
        nameof(IQueueBacklog.GetBacklogAsync),
    ];

    private static readonly Dictionary<string, Func<EmbeddedSessionStore, SessionId, RunLease, Task>> Uses = new()
    {
        [nameof(ISessionLog.GetHeadAsync)] = async (store, session, _) => await store.GetHeadAsync(session),
        [nameof(ISessionLog.ReadAsync)] = async (store, session, _) => await store.ReadAsync(session, default, 1),
        [nameof(ISessionLog.FollowAsync)] = async (store, session, _) => await FollowAsync(store, session),
        [nameof(ISessionLog.SnapshotAsync)] = async (store, session, _) => await store.SnapshotAsync(session),
        [nameof(ISessionLog.ReadTranscriptAsync)] = async (store, session, _) => await store.ReadTranscriptAsync(session, null, 1),
        [nameof(ISessionLog.AppendAsync)] =
            async (store, session, lease) => await store.AppendAsync(Make.Append(On(lease, session), 1, Make.Started())),
        [nameof(ISessionLog.RenameAsync)] = async (store, session, _) => await store.RenameAsync(session, "title"),
        [nameof(ISessionLog.EraseAsync)] = async (store, session, _) => await store.EraseAsync(session),
        [nameof(ISessionLog.ListAsync)] =
            async (store, _, _) => await store.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 1 }),
        [nameof(IRunQueue.EnqueueAsync)] = async (store, session, _) => await store.EnqueueAsync(Make.Request("m2", session)),
        [nameof(IRunQueue.FindAsync)] = async (store, session, _) => await store.FindAsync(Make.Request("m1", session)),
        [nameof(IRunQueue.ClaimAsync)] = async (store, _, _) => await store.ClaimAsync("w2"),
        [nameof(IRunQueue.RenewAsync)] = async (store, session, lease) => await store.RenewAsync(On(lease, session)),
        [nameof(IRunQueue.FinishAsync)] =
            async (store, session, lease) => await store.FinishAsync(Make.Append(On(lease, session), 1), Make.Finished()),
        [nameof(IRunQueue.ParkAsync)] = async (store, session, lease) => await store.ParkAsync(
            Make.Park(On(lease, session), 1, Make.Started(), Make.Question(lease, 1, DateTimeOffset.MaxValue))),
        [nameof(IRunQueue.AnswerAsync)] = async (store, session, lease) => await store.AnswerAsync(
            Make.Answer(On(lease, session), Make.Question(lease, 1, DateTimeOffset.MaxValue))),
        [nameof(IRunQueue.ReadSteeringAsync)] = async (store, session, lease) => await store.ReadSteeringAsync(On(lease, session)),
        [nameof(IRunQueue.ReleaseAsync)] = async (store, session, lease) => await store.ReleaseAsync(On(lease, session)),
        [nameof(IRunQueue.CancelAsync)] = async (store, session, _) => await store.CancelAsync(session, null, "client"),
        [nameof(IRunQueue.ListLiveAsync)] = async (store, _, _) => await store.ListLiveAsync(new LiveRunQuery()),
        [nameof(IRunQueue.SpentTodayAsync)] = async (store, _, _) => await store.SpentTodayAsync(PrincipalId.Anonymous),
        [nameof(IRunQueue.ListenAsync)] = async (store, _, _) => await ListenAsync(store),
        ["IErasures." + nameof(IErasures.FindAsync)] = async (store, session, _) => await ((IErasures)store).FindAsync([session]),
        [nameof(IQueueBacklog.GetBacklogAsync)] = async (store, _, _) => await store.GetBacklogAsync(default),
        [nameof(IOwnerBook.HasSessionAsync)] =
            async (store, session, _) => await ((IOwnerBook)store).HasSessionAsync(session, default),
        [nameof(IOwnerBook.CountSessionsAsync)] =
            async (store, _, _) => await ((IOwnerBook)store).CountSessionsAsync(PrincipalId.Anonymous, default),
        [nameof(IOwnerBook.MeasureSessionsAsync)] =
            async (store, _, _) => await ((IOwnerBook)store).MeasureSessionsAsync(PrincipalId.Anonymous, default),
        [nameof(IOwnerBook.SpentAsync)] =
            async (store, _, _) => await ((IOwnerBook)store).SpentAsync(PrincipalId.Anonymous, default, default),
        [nameof(IOwnerBook.RunsAsync)] = async (store, _, _) => await ((IOwnerBook)store).RunsAsync(PrincipalId.Anonymous, default),
        [nameof(IOwnerBook.TrySetRunsAsync)] = async (store, _, _) => await ((IOwnerBook)store).TrySetRunsAsync(
            PrincipalId.Anonymous, new OwnerRuns([], ""), [], default),
        [nameof(IOwnerBook.IsOverAsync)] = async (store, session, _) => await ((IOwnerBook)store).IsOverAsync(
            new OwnedRun(RunId.New(), session), default),
        [nameof(EmbeddedSessionStore.Probe)] = (store, _, _) => Task.Run(store.Probe),
    };

    public static TheoryData<string> Names => [.. Uses.Keys];

    [Fact]
    public void Uses_AreAllThatTheStoreOffers()
    {
        var offered = new[] { typeof(ISessionLog), typeof(IRunQueue), typeof(IErasures), typeof(IOwnerBook), typeof(IQueueBacklog) }
            .SelectMany(offer => offer.GetMethods().Where(method => !method.IsStatic).Select(method => (offer, method.Name)));

        Assert.All(offered, one => Assert.True(
            Uses.ContainsKey(one.Name) && (one.offer != typeof(IErasures) || Uses.ContainsKey($"IErasures.{one.Name}")),
            $"{one.offer.Name}.{one.Name} is not tried"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Use_AfterTheStoreWasClosed_IsToldThatItCanNotBeReached(string name)
    {
        await using var home = new EmbeddedHome();
        var lease = await BeginAsync(home);
        await home.Store.DisposeAsync();

        foreach (var session in Sessions)
        {
            await AssertRefusedAsync(name, home.Store, session, lease);
        }
    }

    /// <summary>The moment between a look whether the store is open, and the database.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Use_WhileTheStoreIsBeingClosed_IsToldThatItCanNotBeReached(string name)
    {
        foreach (var session in Sessions)
        {
            await using var home = new EmbeddedHome();
            var lease = await BeginAsync(home);
            home.Disk.Database!.Dispose();

            // What is in memory it may say, and that there is nothing to claim; what it may not do is fail otherwise.
            var exception = await Record.ExceptionAsync(() => Uses[name](home.Store, session, lease));
            if (exception is not null || !(session == Make.Session || name == nameof(IRunQueue.ClaimAsync) || FromMemory.Contains(name)))
            {
                Assert.IsType<StoreUnavailableException>(exception);
            }
        }
    }

    [Fact]
    public async Task Follower_ThatHadNotBegunToReadWhenTheStoreWasClosed_IsToldThatItCanNotBeReached()
    {
        await using var home = new EmbeddedHome();
        await BeginAsync(home);
        await using var reader = home.Log.FollowAsync(Make.Session, default).GetAsyncEnumerator();
        await home.Store.DisposeAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Follower_OfAnErasedSessionWhoseStoreIsBeingClosed_IsToldThatItCanNotBeReached()
    {
        await using var home = new EmbeddedHome();
        await BeginAsync(home);
        await using var reader = home.Log.FollowAsync(Make.Session, default).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        await home.Log.EraseAsync(Make.Session);
        home.Disk.Database!.Dispose();

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Loops_WhileTheStoreIsBeingClosed_PassItOver()
    {
        await using var home = new EmbeddedHome(new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        var lease = await BeginAsync(home);
        await home.Queue.FinishAsync(Make.Append(lease, 1), Make.Finished());
        home.Disk.Database!.Dispose();

        await home.RetainAsync();
        await home.ExpireAsync();
    }

    private static async Task<RunLease> BeginAsync(EmbeddedHome home)
    {
        await home.Queue.EnqueueAsync(Make.Request());
        return (await home.Queue.ClaimAsync("w"))!.Lease;
    }

    private static async Task AssertRefusedAsync(string name, EmbeddedSessionStore store, SessionId session, RunLease lease)
    {
        var exception = await Record.ExceptionAsync(() => Uses[name](store, session, lease));
        if (exception is not null || !FromMemory.Contains(name))
        {
            Assert.IsType<StoreUnavailableException>(exception);
        }
    }

    private static RunLease On(RunLease lease, SessionId session) => lease with { SessionId = session };

    private static async Task FollowAsync(EmbeddedSessionStore store, SessionId session)
    {
        await foreach (var batch in store.FollowAsync(session, default))
        {
            Assert.NotNull(batch);
            break;
        }
    }

    private static async Task ListenAsync(EmbeddedSessionStore store)
    {
        using var stop = new CancellationTokenSource();
        await using var signals = store.ListenAsync(stop.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = signals.MoveNextAsync().AsTask();
        await stop.CancelAsync();
        try
        {
            await next;
        }
        catch (OperationCanceledException)
        {
            // Nothing was said.
        }
    }
}
