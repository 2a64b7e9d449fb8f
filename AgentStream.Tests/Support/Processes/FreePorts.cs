using System.Net;
using System.Net.Sockets;

namespace AgentStream.Tests.Support.Processes;

/// <summary>Ports for services that are started from outside and can't say which one they got.</summary>
internal static class FreePorts
{
    /// <summary>Different ports, free a moment ago.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
