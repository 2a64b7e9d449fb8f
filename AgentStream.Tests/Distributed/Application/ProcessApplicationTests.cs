using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>With plain processes.</summary>
[Collection(ClusterCollection.Name)]
[RequiresRedis]
public sealed class ProcessApplicationTests(ClusterFixture fixture) : ApplicationTests
{
    private protected override IRunningApplication Application => fixture.Cluster;
}
