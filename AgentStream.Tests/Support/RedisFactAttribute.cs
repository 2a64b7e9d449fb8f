using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using Xunit.Sdk;

namespace AgentStream.Tests.Support;

/// <summary>A test that needs redis-server.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class RedisFactAttribute : FactAttribute, ISystemTest
{
    public RedisFactAttribute() => Skip = RedisServer.SkipReason;
}

/// <summary>Tests that need redis-server.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class RedisTheoryAttribute : TheoryAttribute, ISystemTest
{
    public RedisTheoryAttribute() => Skip = RedisServer.SkipReason;
}
