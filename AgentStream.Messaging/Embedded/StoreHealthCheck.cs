using AgentStream.Messaging.Log;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentStream.Messaging.Embedded;

/// <summary>Healthy: the log can be reached and its disk takes writes.</summary>
internal sealed class StoreHealthCheck(EmbeddedSessionStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            store.Probe();
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (StoreUnavailableException exception)
        {
            return Task.FromResult(new HealthCheckResult(
                context.Registration.FailureStatus, "The session store can't be reached or takes no writes.", exception));
        }
    }
}
