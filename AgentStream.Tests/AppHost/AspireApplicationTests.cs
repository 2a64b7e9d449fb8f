using AgentStream.Tests.Distributed.Application;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.AppHost;

/// <summary>With Aspire.</summary>
[RequiresRedisOrContainers]
public sealed class AspireApplicationTests(AspireApplication application) : ApplicationTests, IClassFixture<AspireApplication>
{
    private protected override IRunningApplication Application => application;
}

/// <summary>Tests that need redis-server or a container engine that can run one.</summary>
internal sealed class RequiresRedisOrContainersAttribute : RequiresAttribute
{
    public override string? SkipReason => AspireApplication.SkipReason;
}
