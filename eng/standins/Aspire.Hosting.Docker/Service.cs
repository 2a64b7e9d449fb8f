using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

namespace Aspire.Hosting.Docker.Resources.ComposeNodes;

public sealed class Service
{
    public Deploy? Deploy { get; set; }

    public List<string> Ports { get; set; } = [];

    public string? Restart { get; set; }

    public string? StopGracePeriod { get; set; }
}
