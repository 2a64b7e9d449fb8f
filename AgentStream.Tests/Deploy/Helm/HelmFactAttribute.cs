using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using Xunit.Sdk;

namespace AgentStream.Tests.Deploy.Helm;

/// <summary>A test that renders the chart; skipped, with the reason, where there is neither helm nor the npm that brings it.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class HelmFactAttribute : FactAttribute, ISystemTest
{
    public HelmFactAttribute() => Skip = HelmProgram.SkipReason;
}

/// <summary>A test that starts what the chart renders, and needs redis-server, too.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class HelmRedisFactAttribute : FactAttribute, ISystemTest
{
    public HelmRedisFactAttribute() => Skip = HelmProgram.SkipReason ?? RedisServer.SkipReason;
}

/// <summary>Tests that render the chart.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class HelmTheoryAttribute : TheoryAttribute, ISystemTest
{
    public HelmTheoryAttribute() => Skip = HelmProgram.SkipReason;
}
