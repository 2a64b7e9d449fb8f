using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using Xunit.Sdk;

namespace AgentStream.Tests.Browser;

/// <summary>As <see cref="ChromiumFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
public sealed class ChromiumTheoryAttribute : TheoryAttribute, ISystemTest
{
    public ChromiumTheoryAttribute() => Skip = Requirements.SkipWithout("chromium", ChromiumBrowser.Executable);
}
