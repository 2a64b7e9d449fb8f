using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>Two API servers, two workers and the pages on one Redis, started once; tests may kill any of them and get new ones.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private ServiceCluster? _cluster;

    internal ServiceCluster Cluster => _cluster ?? throw new InvalidOperationException(RedisServer.SkipReason);

    public async Task InitializeAsync()
        => _cluster = RedisServer.SkipReason is null ? await ServiceCluster.StartAsync(DistributedPlan.Json, web: true) : null;

    public Task RestoreAsync() => _cluster is null ? Task.CompletedTask : _cluster.RestoreAsync();

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}
