using System.Diagnostics.Metrics;

namespace AgentStream.Worker.Tools.Web;

/// <summary>
/// Meters under a name of their own, which no exporter asks for.
/// A handler's metrics name each host that it talks to, and which those are models decide here: there is no end to them.
/// </summary>
internal sealed class UnheardMeters : IMeterFactory
{
    // One for the process, as the runtime's own is: it is never disposed.
    private static readonly Meter Meter = new("Unheard.System.Net.Http");

    public static UnheardMeters Instance { get; } = new();

    public Meter Create(MeterOptions options) => Meter;

    public void Dispose()
    {
    }
}
