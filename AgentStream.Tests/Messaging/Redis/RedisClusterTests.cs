using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>The store on a cluster of three servers: each session has a slot somewhere, what is global others.</summary>
public sealed class RedisClusterTests(RedisClusterFixture cluster) : IClassFixture<RedisClusterFixture>
{
    public static TheoryData<string> Facts => RedisContract.Facts;

    [RedisTheory]
    [MemberData(nameof(Facts))]
    public Task Contract_OnACluster_Holds(string fact)
        => new RedisContract(cluster.Connection, cluster.NewPrefix, histories: 15).CheckAsync(fact);

    [RedisFact]
    public async Task Messages_ThatGetLost_AreFoundByTheChecksOfAllSlots()
    {
        var prefix = cluster.NewPrefix();
        await using var api = await RedisProcess.StartAsync(cluster.ConnectionString, prefix);
        await using var worker = await RedisProcess.StartAsync(cluster.ConnectionString, prefix);
        var sessions = Enumerable.Range(0, 25).Select(i => SessionId.Parse($"deaf-{i}")).ToList();
        await Task.WhenAll(sessions.Select(session => worker.Store.EnqueueAsync(Make.Request("m1", session)).AsTask()));
        var readers = sessions.ConvertAll(session => new SessionFollower(api.Store.FollowAsync(session, default)));
        await Task.WhenAll(readers.Select(reader => reader.ReadThroughAsync(1)));
        readers.ForEach(reader => reader.Begin());
        await api.GoDeafAsync();

        await Task.WhenAll(sessions.Select(session => worker.Store.EnqueueAsync(Make.Request("m2", session)).AsTask()));

        // Ten sessions a round: the rounds go around.
        for (var round = 0; round < 4; round++)
        {
            await api.Store.Feeds.CheckHeadsAsync(CancellationToken.None);
        }

        await Task.WhenAll(readers.Select(reader => reader.ReadThroughAsync(2)));
        Assert.All(readers, reader => Assert.Equal([1, 2], reader.Seen));
        foreach (var reader in readers)
        {
            await reader.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task Work_ThatTheIndexLost_IsFoundOnAllNodes()
    {
        var prefix = cluster.NewPrefix();
        await using var api = await RedisProcess.StartAsync(cluster.ConnectionString, prefix);
        var sessions = Enumerable.Range(0, 12).Select(i => SessionId.Parse($"lost-{i}")).ToList();
        await Task.WhenAll(sessions.Select(session => api.Store.EnqueueAsync(Make.Request("m1", session)).AsTask()));
        foreach (var node in cluster.Nodes)
        {
            await node.AskAsync("DEL", prefix + "work");
        }

        await using var worker = await RedisProcess.StartAsync(
            cluster.ConnectionString, prefix, configure: options => options.LookInterval = TimeSpan.FromMilliseconds(250));
        using var patience = new CancellationTokenSource(TestTimeouts.Default);

        var found = new HashSet<SessionId>();
        await foreach (var _ in worker.Store.ListenAsync(patience.Token))
        {
            while (await worker.Store.ClaimAsync("w", patience.Token) is { } claim)
            {
                found.Add(claim.Lease.SessionId);
            }

            if (found.Count == sessions.Count)
            {
                break;
            }
        }

        Assert.Equal(sessions.Count, found.Count);
    }

    [RedisFact]
    public async Task Sessions_OnAllNodes_AreServedAndFollowedByAllProcesses()
    {
        var prefix = cluster.NewPrefix();
        await using var api = await RedisProcess.StartAsync(cluster.ConnectionString, prefix);
        await using var worker = await RedisProcess.StartAsync(cluster.ConnectionString, prefix);
        var sessions = Enumerable.Range(0, 30).Select(i => SessionId.Parse($"spread-{i}")).ToList();
        var readers = sessions.ConvertAll(session => new SessionFollower(api.Store.FollowAsync(session, default)));
        readers.ForEach(reader => reader.Begin());

        await Task.WhenAll(sessions.Select(session => api.Store.EnqueueAsync(Make.Request("m1", session)).AsTask()));
        while (await worker.Store.ClaimAsync("w") is { } claim)
        {
            await worker.Store.AppendAsync(Make.Append(claim.Lease, 1, Make.Started(), Make.Delta(claim.Lease, 1, "a")));
            await worker.Store.FinishAsync(Make.Append(claim.Lease, 2), Make.Finished());
        }

        await Task.WhenAll(readers.Select(reader => reader.ReadThroughAsync(4)));
        Assert.All(readers, reader => Assert.Equal([1, 2, 3, 4], reader.Seen));
        Assert.Equal(
            sessions.Count, (await api.Store.ListAsync(new SessionQuery { Owner = PrincipalId.Anonymous, Limit = 100 })).Sessions.Count);
        foreach (var node in cluster.Nodes)
        {
            Assert.DoesNotContain("*0\r\n", await node.AskAsync("KEYS", prefix + "{spread-*}:meta"), StringComparison.Ordinal);
        }

        foreach (var reader in readers)
        {
            await reader.DisposeAsync();
        }
    }
}

/// <summary>One cluster and one connection to it; each test has a prefix of its own.</summary>
public sealed class RedisClusterFixture : IAsyncLifetime
{
    private RedisCluster? _cluster;
    private ConnectionMultiplexer? _connection;
    private int _prefixes;

    internal string ConnectionString => Cluster.ConnectionString;

    internal IReadOnlyList<RedisServer> Nodes => Cluster.Nodes;

    internal IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException(RedisServer.SkipReason);

    private RedisCluster Cluster => _cluster ?? throw new InvalidOperationException(RedisServer.SkipReason);

    public async Task InitializeAsync()
    {
        if (RedisServer.SkipReason is null)
        {
            _cluster = await RedisCluster.StartAsync();
            _connection = await RedisClients.ConnectAsync(_cluster.ConnectionString);
        }
    }

    public async Task DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.CloseAsync(allowCommandsToComplete: false);
            _connection.Dispose();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    internal string NewPrefix() => $"agentstream:t{Interlocked.Increment(ref _prefixes)}:";
}
