using AgentStream.Tests.Browser;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Web;
using Xunit.Sdk;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>A test of the whole example: skipped, with its reason, where nginx, redis-server, chromium or Node is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class TeamFactAttribute : FactAttribute, ISystemTest
{
    public TeamFactAttribute()
        => Skip = Nginx.SkipReason ?? RedisServer.SkipReason ?? Requirements.SkipWithout("chromium", ChromiumBrowser.Executable)
            ?? NodeTheoryAttribute.WhatIsMissing;
}
