using AgentStream.Tests.Support.Categories;
using Xunit.Sdk;

namespace AgentStream.Tests.Observability.Dashboard;

/// <summary>A test in the real Aspire dashboard: skipped, with its reason, where that or chromium is not here.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
internal sealed class AspireDashboardFactAttribute : FactAttribute, ISystemTest
{
    public AspireDashboardFactAttribute() => Skip = AspireDashboard.SkipReason;
}
