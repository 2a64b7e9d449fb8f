using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentStream.Worker.Agents.Files;

/// <summary>A broken agent file is no reason to send this process nothing, and one to look at it: degraded.</summary>
internal sealed class AgentFilesHealthCheck(AgentFolder folder) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(folder.Problems is { Count: > 0 } problems
            ? HealthCheckResult.Degraded(string.Join('\n', problems))
            : HealthCheckResult.Healthy());
}
