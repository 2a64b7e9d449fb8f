using AgentStream.AppHost;

namespace AgentStream.Tests.AppHost;

/// <summary>A test that needs containers; skipped, with its reason, where no container engine runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ContainerFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> HasEngine = new(() => Topology.HasContainerEngine(Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME")));

    public ContainerFactAttribute() => Skip = HasEngine.Value ? null : "No container engine runs on this machine; the AppHost starts Redis in a container.";
}
