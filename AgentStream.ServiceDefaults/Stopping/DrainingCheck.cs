using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentStream.ServiceDefaults.Stopping;

/// <summary>The part of readiness that fails from the moment at which a service is told to stop.</summary>
internal sealed class DrainingCheck : IHealthCheck
{
    private volatile bool _begun;

    /// <summary>Has balancers sent elsewhere from now on.</summary>
    public void Begin() => _begun = true;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(_begun ? HealthCheckResult.Unhealthy("It is about to stop.") : HealthCheckResult.Healthy());
}
