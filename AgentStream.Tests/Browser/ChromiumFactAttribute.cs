using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using Xunit.Sdk;

namespace AgentStream.Tests.Browser;

/// <summary>A test in a real browser: skipped, with its reason, where there is no chromium.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
public sealed class ChromiumFactAttribute : FactAttribute, ISystemTest
{
    public ChromiumFactAttribute() => Skip = Requirements.SkipWithout("chromium", ChromiumBrowser.Executable);
}
