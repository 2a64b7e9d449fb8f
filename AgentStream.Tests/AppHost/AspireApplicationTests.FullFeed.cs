using AgentStream.Tests.Distributed;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.AppHost;

/// <summary>With Aspire.</summary>
[RequiresContainers]
public sealed class AspireApplicationTests(AspireApplication application) : ApplicationTests, IClassFixture<AspireApplication>
{
    private protected override IRunningApplication Application => application;
}

/// <summary>Tests that need containers; skipped, with the reason, where no container engine runs.</summary>
internal sealed class RequiresContainersAttribute : RequiresAttribute
{
    public override string? SkipReason => AspireApplication.SkipReason;
}
