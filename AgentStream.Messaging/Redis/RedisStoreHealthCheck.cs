using AgentStream.Messaging.Log;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentStream.Messaging.Redis;

/// <summary>
/// Healthy: Redis answers, and what is published arrives here. A subscriber can go deaf while everything else looks well.
/// </summary>
internal sealed class RedisStoreHealthCheck(RedisSessionStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.ProbeAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (StoreUnavailableException exception)
        {
            return new HealthCheckResult(
                context.Registration.FailureStatus, "Redis can't be reached, or what is published there does not arrive.", exception);
        }
    }
}
