using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Web;
using Xunit.Sdk;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>
/// A test with many processes beside a program of Node's: skipped, with its reason, where redis-server or Node is missing.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class RedisNodeFactAttribute : FactAttribute, ISystemTest
{
    public RedisNodeFactAttribute() => Skip = RedisServer.SkipReason ?? NodeTheoryAttribute.WhatIsMissing;
}
