using System.Net;
using System.Net.Sockets;

namespace AgentStream.Tests.Support.Processes;

/// <summary>Ports for services that are started from outside and can't say which one they got.</summary>
/// <remarks>
/// Below those that the system gives to connections (from 32768 on Linux), which come and go by the thousand beside the tests;
/// and none twice in a process: a port that is free now is still free when its service gets to it.
/// </remarks>
internal static class FreePorts
{
    private const int First = 12_000;
    private const int Count = 20_000;

    // Two test processes on one machine begin at different places.
    private static int _taken = Random.Shared.Next(Count);

    /// <summary>Different ports, free a moment ago.</summary>
    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Take())];

    private static int Take()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _taken) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException("No port is free.");
    }
}
