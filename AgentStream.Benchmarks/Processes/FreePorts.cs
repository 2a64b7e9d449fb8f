using System.Net;
using System.Net.Sockets;

namespace AgentStream.Benchmarks.Processes;

/// <summary>Ports that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>Gets one on the loopback interface.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
