using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Web;
using Xunit.Sdk;

namespace AgentStream.Tests.Distributed.Clients;

/// <summary>A test that needs redis-server and Node.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class RedisNodeFactAttribute : FactAttribute, ISystemTest
{
    public RedisNodeFactAttribute() => Skip = RedisServer.SkipReason ?? NodeTheoryAttribute.WhatIsMissing;
}
