namespace AgentStream.Tests.Observability;

/// <summary>A test in the real Aspire dashboard: skipped, with its reason, where that or chromium is not here.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AspireDashboardFactAttribute : FactAttribute
{
    public AspireDashboardFactAttribute() => Skip = AspireDashboard.SkipReason;
}
