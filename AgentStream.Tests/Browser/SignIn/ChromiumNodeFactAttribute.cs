using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Web;
using Xunit.Sdk;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>A test in a real browser beside a program of Node's: skipped, with its reason, where there is not both.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
public sealed class ChromiumNodeFactAttribute : FactAttribute, ISystemTest
{
    public ChromiumNodeFactAttribute()
        => Skip = Requirements.SkipWithout("chromium", ChromiumBrowser.Executable) ?? NodeTheoryAttribute.WhatIsMissing;
}
